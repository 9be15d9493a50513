/** Random identifiers and the addresses that are made of them. */

const SEGMENT = "[0-9a-z]{32}";
const ADDRESS = new RegExp(`^${SEGMENT}(/${SEGMENT})*$`);

/** Random numbers for many ids: to ask for them costs more than they do. */
const random = new Uint32Array(4 * 64);
let used = random.length;

/** 32 hex digits from 128 random bits. Works without a secure context, unlike crypto.randomUUID. */
export function newId(): string {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  let id = "";
  for (const end = used + 4; used < end; used += 1) {
    id += (random[used] as number).toString(16).padStart(8, "0");
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
