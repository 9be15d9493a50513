/** Values in a form in which two of them can be compared, whatever language they have been through. */
import { type TypedArray, typedArrayName } from "./dtypes";
import { RpcError, toErrorRecord } from "./errors";
import { NdArray } from "./nd-array";

/**
 * The parts of a value that every language keeps. Lost on a way through Python are: the difference of
 * number and small bigint, of typed array and array of one dimension, of object and Map with text keys.
 */
export async function essence(value: unknown): Promise<unknown> {
  if (typeof value === "bigint") return { int: value.toString() };
  if (typeof value === "number") {
    const whole = Number.isInteger(value) && !Object.is(value, -0);
    return whole
      ? { int: BigInt(value).toString() }
      : { float: Object.is(value, -0) ? "-0" : `${value}` };
  }
  if (typeof value === "function") return { function: true };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map(essence));
  if (value instanceof ArrayBuffer) return { bytes: hex(value) };
  if (typedArrayName(value) !== undefined) {
    return essence(NdArray.from(value as TypedArray));
  }
  if (value instanceof NdArray) {
    return { dtype: value.dtype, shape: [...value.shape], bytes: hex(value._rvalue) };
  }
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Set) {
    const items = await Promise.all([...value].map(essence));
    return { set: items.map((item) => JSON.stringify(item)).sort() };
  }
  if (value instanceof Blob) {
    const { name, lastModified } = value as Partial<File>;
    return { blob: hex(await value.arrayBuffer()), type: value.type, name, lastModified };
  }
  if (value instanceof RpcError) return { error: await essence(toErrorRecord(value)) };
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return { entries: await Promise.all(entries.map(essence)) };
}

function hex(buffer: ArrayBuffer): string {
  return Buffer.from(buffer).toString("hex");
}
