/** Values as the published imjoy-rpc library (API 0.2) sends them, and back. */
import { concatenated, NdArray, type TypedArray, typedArrayName } from "@imjoy/rpc";

// biome-ignore lint/complexity/noBannedTypes: functions of plugins take and return anything
type AnyFunction = Function;
type Tagged = Record<string, unknown>;

export interface ValueLinks {
  /** A function for a tag `interface` or `callback` of the other side. */
  remote(tag: Tagged): (...args: unknown[]) => Promise<unknown>;
  /** The tag by which the other side can call a function of ours, any number of times. */
  local(fn: AnyFunction): Tagged;
}

const DEPTH = 64;

/** Turns what arrived into plain values; tags that nobody knows stay as they are. */
export function fromLegacy(value: unknown, links: ValueLinks, depth = 0): unknown {
  if (depth > DEPTH) throw new TypeError("A value of the page is nested too deeply.");
  if (typeof value !== "object" || value === null) return value;
  const inner = (part: unknown): unknown => fromLegacy(part, links, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (!isPlain(value)) return value;
  if (typeof value._rtype === "string") {
    const known = Object.hasOwn(TAGS, value._rtype) ? TAGS[value._rtype] : undefined;
    if (known) return known(value, inner, links);
  }
  const entries = Object.entries(value).filter(([key]) => key !== "_rintf");
  return Object.fromEntries(entries.map(([key, part]) => [key, inner(part)]));
}

type ReadTag = (tag: Tagged, inner: (part: unknown) => unknown, links: ValueLinks) => unknown;

const TAGS: Record<string, ReadTag> = {
  interface: (tag, _, links) => links.remote(tag),
  callback: (tag, _, links) => links.remote(tag),
  ndarray: ({ _rvalue, _rshape, _rdtype }) =>
    NdArray.from(joined(_rvalue), _rshape as number[], String(_rdtype)),
  typedarray: ({ _rvalue, _rdtype }) =>
    NdArray.from(joined(_rvalue), undefined, String(_rdtype)).data,
  memoryview: ({ _rvalue }) => joined(_rvalue),
  blob: ({ _rvalue, _rmime }) =>
    _rvalue instanceof Blob ? _rvalue : new Blob([joined(_rvalue)], { type: String(_rmime ?? "") }),
  file: ({ _rvalue, _rname, _rmime }) =>
    _rvalue instanceof File
      ? _rvalue
      : new File([joined(_rvalue)], String(_rname ?? "file"), { type: String(_rmime ?? "") }),
  set: ({ _rvalue }, inner) => new Set(inner(_rvalue) as unknown[]),
  orderedmap: ({ _rvalue }, inner) => new Map(inner(_rvalue) as [unknown, unknown][]),
  error: ({ _rvalue }) => new Error(String(_rvalue).replace(/^Error: /, "")),
};

/** Bytes that may have come in pieces. */
function joined(value: unknown): ArrayBuffer {
  if (value instanceof ArrayBuffer) return value;
  const parts = (Array.isArray(value) ? value : [value]).map((part) =>
    part instanceof ArrayBuffer ? new Uint8Array(part) : viewOf(part),
  );
  return concatenated(parts).buffer;
}

function viewOf(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new TypeError("The page sent an array without bytes.");
}

/** Turns values of ours into what the published library understands. */
export function toLegacy(value: unknown, links: ValueLinks, depth = 0): unknown {
  if (depth > DEPTH) throw new TypeError("A value for the page is nested too deeply.");
  const inner = (part: unknown): unknown => toLegacy(part, links, depth + 1);
  if (typeof value === "function") return links.local(value);
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof NdArray) {
    const { data, shape, dtype } = value;
    return { _rtype: "ndarray", _rvalue: bytesOf(data), _rshape: [...shape], _rdtype: dtype };
  }
  if (typedArrayName(value) !== undefined) {
    const { dtype } = NdArray.from(value as TypedArray);
    return { _rtype: "typedarray", _rvalue: bytesOf(value as TypedArray), _rdtype: dtype };
  }
  if (value instanceof Error) return { _rtype: "error", _rvalue: String(value) };
  if (value instanceof File) {
    return { _rtype: "file", _rvalue: value, _rname: value.name, _rmime: value.type };
  }
  if (value instanceof Blob) return { _rtype: "blob", _rvalue: value };
  if (value instanceof Set) return { _rtype: "set", _rvalue: [...value].map(inner) };
  if (value instanceof Map) return { _rtype: "orderedmap", _rvalue: [...value].map(inner) };
  if (value instanceof ArrayBuffer || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inner(part)]));
}

function bytesOf(array: TypedArray): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = array;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

function isPlain(value: object): value is Tagged {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
