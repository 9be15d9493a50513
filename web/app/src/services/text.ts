/** Turns what plugins pass as messages into text. */

/** The text of a message that may be a text or an object `{content, title, …}`. */
export function messageOf(value: unknown): { text: string; title: string | null } {
  if (typeof value !== "object" || value === null) return { text: show(value), title: null };
  const { content, text, title } = value as Record<string, unknown>;
  return {
    text: show(content ?? text ?? value),
    title: typeof title === "string" ? title : null,
  };
}

/** Any value as one text, short enough to show. */
export function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value, shorten) ?? String(value);
  } catch {
    return String(value);
  }
}

function shorten(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function") return "[function]";
  if (ArrayBuffer.isView(value)) return `[${value.constructor.name}, ${value.byteLength} bytes]`;
  return value;
}

/** 0 to 1 from a number that may also count to 100. */
export function fraction(value: unknown): number | null {
  if (value === null || value === undefined || value === false) return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return null;
  return Math.min(1, Math.max(0, number > 1 ? number / 100 : number));
}
