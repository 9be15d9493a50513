/** Any value as readable text. */
import { NdArray } from "@imjoy/rpc";

const SHOWN = 100_000;

export function describeValue(value: unknown): string {
  if (typeof value === "string") return value.slice(0, SHOWN);
  const seen = new WeakSet<object>();
  const text = JSON.stringify(
    value,
    (_, item: unknown) => {
      if (item instanceof NdArray) return `array ${item.shape.join(" × ")} ${item.dtype}`;
      if (ArrayBuffer.isView(item)) return `${item.constructor.name}, ${item.byteLength} bytes`;
      if (typeof item === "function") return "function";
      if (typeof item === "bigint") return String(item);
      if (item instanceof Map) return Object.fromEntries(item);
      if (item instanceof Set) return [...item];
      if (typeof item === "object" && item !== null) {
        if (seen.has(item)) return "shown above";
        seen.add(item);
      }
      return item;
    },
    2,
  );
  return (text ?? "nothing").slice(0, SHOWN);
}
