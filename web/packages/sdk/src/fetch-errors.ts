/** Says which address could not be fetched, and whether it was only forbidden; browsers tell neither. */

const LENGTH = 300;

/** Changes `fetch` of this realm so that its errors name the address that the plugin gave. */
export function nameAddresses(realm: { fetch: typeof fetch }, forbidden = noteForbidden()): void {
  const own = realm.fetch;
  realm.fetch = async (input, init) => {
    try {
      return await own(input, init);
    } catch (error) {
      if (error instanceof TypeError) {
        const address = input instanceof Request ? input.url : String(input);
        // The browser tells of what it forbids a little later.
        await new Promise((resolve) => setTimeout(resolve));
        const why = forbidden.has(originOf(address)) ? ", which the plugin may not reach" : "";
        error.message += ` ${address.slice(0, LENGTH)}${why}`;
      }
      throw error;
    }
  };
}

/** The origins that the policy of the frame has kept the plugin from. */
function noteForbidden(): Set<string> {
  const origins = new Set<string>();
  addEventListener("securitypolicyviolation", ({ blockedURI }: SecurityPolicyViolationEvent) => {
    origins.add(originOf(blockedURI));
  });
  return origins;
}

function originOf(address: string): string {
  return URL.parse(address)?.origin ?? address;
}
