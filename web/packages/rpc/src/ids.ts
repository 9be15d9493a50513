/** Random identifiers and the addresses that are made of them. */

const SEGMENT = "[0-9a-z]{32}";
const ADDRESS = new RegExp(`^${SEGMENT}(/${SEGMENT})*$`);

/** 32 hex digits from 128 random bits. Works without a secure context, unlike crypto.randomUUID. */
export function newId(): string {
  let id = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
    id += byte.toString(16).padStart(2, "0");
  }
  return id;
}

export function isAddress(text: unknown): text is string {
  return typeof text === "string" && ADDRESS.test(text);
}

/** Whether `address` is `root` itself or lies below it. */
export function isWithin(address: string, root: string): boolean {
  return address === root || address.startsWith(`${root}/`);
}

/** The page or engine to which an address belongs. */
export function rootOf(address: string): string {
  const end = address.indexOf("/");
  return end < 0 ? address : address.slice(0, end);
}
