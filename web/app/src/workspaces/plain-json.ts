/** Values as JSON gives them back, for what is kept as a record. */

const LARGEST = 1_000_000;

/** Undefined when the value has no such form, or is too large. */
export function plainJson(value: unknown): unknown {
  try {
    const text = JSON.stringify(value, (_, part: unknown) => {
      if (ArrayBuffer.isView(part) || part instanceof Map || part instanceof Set) throw new Error();
      // A file that was chosen belongs to this visit.
      if (part instanceof Blob) return undefined;
      return part;
    });
    return text === undefined || text.length > LARGEST ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
