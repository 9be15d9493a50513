/** JSON text in which a number beyond 2^53 - 1 is written as 1.5e+18, so that it stays what it is. */

/**
 * JSON.stringify writes 2 ** 60 as 1152921504606847000, which a language with exact integers takes for
 * another number. Slower than JSON.stringify, so use it only for values with such numbers.
 */
export function writeJson(node: unknown): string {
  if (typeof node === "number") return isLarge(node) ? node.toExponential() : String(node);
  if (typeof node !== "object" || node === null) return JSON.stringify(node);
  if (Array.isArray(node)) return `[${node.map(writeJson).join(",")}]`;
  const fields = Object.entries(node).map(([key, item]) => {
    return `${JSON.stringify(key)}:${writeJson(item)}`;
  });
  return `{${fields.join(",")}}`;
}

/** Whether JSON.stringify would write a number as an integer that it is not. */
export function isLarge(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
