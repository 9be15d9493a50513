/**
 * What pages do by habit and a closed-off frame forbids: cookies, entries in the history, a look for caches and
 * service workers, addresses beside their own. Libraries of plugins would end there with an error.
 */

/** Lets plugins do all this, each frame for itself and as long as it lives. */
export function allowHabits(): void {
  if (typeof document === "undefined") return;
  Object.defineProperty(document, "cookie", { configurable: true, ...makeCookies() });
  keepHistory(history);
  globalThis.URL = urlsBeside(location.href, document.baseURI);
  // Who finds none goes on without, and who only reads them in a closed-off frame fails.
  Reflect.deleteProperty(globalThis, "caches");
  Reflect.deleteProperty(Navigator.prototype, "serviceWorker");
}

/** Cookies without a server: they are found again under their names until they end. */
export function makeCookies(now: () => number = Date.now): {
  get(): string;
  set(text: unknown): void;
} {
  const jar = new Map<string, string>();
  return {
    get: () => [...jar].map(([name, value]) => (name ? `${name}=${value}` : value)).join("; "),
    set: (text) => {
      const [pair = "", ...attributes] = String(text).split(";");
      const at = pair.indexOf("=");
      const name = pair.slice(0, Math.max(at, 0)).trim();
      if (attributes.some((attribute) => hasEnded(attribute, now()))) jar.delete(name);
      else jar.set(name, pair.slice(at + 1).trim());
    },
  };
}

function hasEnded(attribute: string, now: number): boolean {
  const [name = "", value = ""] = attribute.split("=").map((part) => part.trim());
  if (/^max-age$/i.test(name)) return Number(value) <= 0;
  return /^expires$/i.test(name) && Date.parse(value) <= now;
}

/** The address of the frame stays; the state is kept, without an entry that the user would go back to. */
function keepHistory(own: History): void {
  const replace = own.replaceState.bind(own);
  for (const name of ["pushState", "replaceState"] as const) {
    const call = own[name].bind(own);
    own[name] = (state, title, url) => {
      try {
        call(state, title, url);
      } catch (error) {
        if (!(error instanceof DOMException && error.name === "SecurityError")) throw error;
        replace(state, title);
      }
    };
  }
}

/** `URL` for a page whose own address (`about:srcdoc`) has nothing beside it: `folder` stands in for it. */
export function urlsBeside(own: string, folder: string): typeof URL {
  return new Proxy(URL, {
    construct(target, [url, base]: [string | URL, (string | URL)?], asked) {
      const usable = base !== undefined && String(base) === own ? folder : base;
      return Reflect.construct(target, [url, usable], asked);
    },
  });
}
