/** Hosts on the network, as manifests and users write them. */

const HOST = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d+)?$/i;

/** Hosts that the plugin limits itself to; null when it does not, which is so for all older plugins. */
export function allowedHosts(network: unknown): string[] | null {
  if (network === "none" || network === false) return [];
  if (!Array.isArray(network)) return null;
  return network.filter((host): host is string => typeof host === "string" && HOST.test(host));
}

/** Hosts from what a user wrote, between commas or spaces, and what of it is none. */
export function readHosts(text: string): { hosts: string[]; wrong: string[] } {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const plain = words.map((word) => word.replace(/^(https?|wss?):\/\//i, "").replace(/\/.*$/, ""));
  return {
    hosts: plain.filter((word) => HOST.test(word)),
    wrong: plain.filter((word) => !HOST.test(word)),
  };
}
