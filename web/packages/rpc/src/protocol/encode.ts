/** JavaScript values to JSON text and binary parts. */
import {
  copyOf,
  dtypeNamed,
  dtypeOfArray,
  type TypedArray,
  typedArrayName,
  wireDType,
} from "../dtypes";
import { RpcError, toErrorRecord } from "../errors";
import { NdArray } from "../nd-array";
import { type AnyFunction, notedCodec, setOwn, type ValueContext } from "./context";
import { type Buffer_, checkSize, isBlob, isFixed } from "./frame";
import { isMethodName, methodsOf, nativeClassOf } from "./instances";
import { isLarge, writeJson } from "./json";
import {
  isFileList,
  isImageData,
  isLegacyArray,
  isPlain,
  isRawBuffer,
  isTensor,
  iteratorOf,
  legacyArray,
  tensorArray,
  unserializable,
  viewOf,
} from "./kinds";
import { LIMITS } from "./messages";

export interface Encoded {
  body: string;
  buffers: Buffer_[];
  /** Buffers that may be moved instead of copied when the frame is posted. */
  transfer: Transferable[];
}

export interface EncodeOptions {
  /** The caller gives its arrays away; without it only copies made here are in `transfer`. */
  transferOwned?: boolean | undefined;
}

/**
 * Encodes a value. Raises rpc.unserializable for what cannot travel, and protocol.too_deep,
 * protocol.too_many_nodes or protocol.too_large for what is over the limits.
 */
export function encode(
  value: unknown,
  context: ValueContext,
  options: EncodeOptions = {},
): Encoded {
  const encoder = new Encoder(context, options.transferOwned ?? false);
  const tree = encoder.value(value, 1);
  const body = encoder.hasLargeNumbers ? writeJson(tree) : JSON.stringify(tree);
  checkSize(body, encoder.buffers);
  return { body, buffers: encoder.buffers, transfer: encoder.transfer };
}

type Json = unknown;

class Encoder {
  readonly buffers: Buffer_[] = [];
  readonly transfer: Transferable[] = [];
  hasLargeNumbers = false;
  private readonly seen = new Set<ArrayBufferLike>();
  private nodes = 0;

  constructor(
    private readonly context: ValueContext,
    private readonly transferOwned: boolean,
  ) {}

  value(value: unknown, depth: number, owner?: object): Json {
    this.count(depth);
    switch (typeof value) {
      case "undefined":
        return null;
      case "boolean":
      case "string":
        return value;
      case "number":
        if (isLarge(value)) this.hasLargeNumbers = true;
        return encodeNumber(value);
      case "bigint":
        return { $: "int", v: value.toString() };
      case "function":
        return { $: "ref", ...this.context.encodeFunction(value as AnyFunction, owner) };
      case "object":
        return value === null ? null : this.object(value, depth);
      default:
        throw unserializable(`a ${typeof value}`);
    }
  }

  private count(depth: number): void {
    if (depth > LIMITS.depth) {
      throw new RpcError(
        "protocol.too_deep",
        `A value is nested more than ${LIMITS.depth} levels deep, or contains itself.`,
      );
    }
    this.nodes += 1;
    if (this.nodes > LIMITS.nodes) {
      throw new RpcError(
        "protocol.too_many_nodes",
        `A value has more than ${LIMITS.nodes} parts. Send large data as arrays of numbers.`,
      );
    }
  }

  private object(value: object, depth: number): Json {
    const relayed = notedCodec(value);
    if (relayed === undefined) return this.ownObject(value, depth);
    return { $: "codec", n: relayed, v: this.ownObject(value, depth + 1) };
  }

  private ownObject(value: object, depth: number): Json {
    if (Array.isArray(value)) return this.list(value, depth);
    if (isPlain(value)) return this.plain(value as Record<string, unknown>, depth);
    const codec = this.context.codecs?.of(value);
    if (codec?.encoder) {
      return { $: "codec", n: codec.name, v: this.value(codec.encoder(value as never), depth + 1) };
    }
    const known = this.binary(value) ?? this.builtin(value, depth);
    return known === undefined ? this.instance(value, depth) : known;
  }

  private list(value: readonly unknown[], depth: number): Json {
    const out = new Array<Json>(value.length);
    for (let i = 0; i < value.length; i += 1) out[i] = this.value(value[i], depth + 1);
    return out;
  }

  /** `owner` is the object to which the functions among the values belong. */
  private plain(value: Record<string, unknown>, depth: number, owner: object = value): Json {
    if (isLegacyArray(value)) return this.ndarray(legacyArray(value));
    const keys = Object.keys(value);
    if (keys.includes("$")) {
      return {
        $: "dict",
        v: keys.map((key) => [key, this.value(value[key], depth + 1, owner)]),
      };
    }
    const out = {};
    for (const key of keys) setOwn(out, key, this.value(value[key], depth + 1, owner));
    return out;
  }

  /** Tag of arrays and files; undefined for anything else. */
  private binary(value: object): Json {
    if (value instanceof NdArray) return this.ndarray(value);
    if (typedArrayName(value) !== undefined) {
      const array = value as TypedArray;
      return { $: "typedarray", d: wireDType(dtypeOfArray(array)), b: this.bytes(array) };
    }
    if (ArrayBuffer.isView(value)) return { $: "bytes", b: this.bytes(value) };
    if (isRawBuffer(value)) return { $: "bytes", b: this.bytes(new Uint8Array(value)) };
    if (isBlob(value)) return this.blob(value);
    if (isImageData(value)) {
      return this.ndarray(new NdArray(value.data, [value.height, value.width, 4], "uint8"));
    }
    if (isTensor(value)) return this.ndarray(tensorArray(value));
    return undefined;
  }

  /** Tag of what JavaScript itself provides; undefined for anything else. */
  private builtin(value: object, depth: number): Json {
    if (value instanceof Date) {
      const time = value.getTime();
      return Number.isNaN(time) ? null : { $: "date", v: time };
    }
    if (value instanceof Map) {
      const pairs = Array.from(value, ([key, item]) => [
        this.value(key, depth + 1),
        this.value(item, depth + 1),
      ]);
      return { $: "map", v: pairs };
    }
    if (value instanceof Set) {
      return { $: "set", v: Array.from(value, (item) => this.value(item, depth + 1)) };
    }
    if (isFileList(value)) return this.list(Array.from(value), depth);
    if (value instanceof Error) {
      return { $: "error", v: this.plain({ ...toErrorRecord(value) }, depth + 1) };
    }
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return this.value(value.valueOf(), depth);
    }
    return undefined;
  }

  private instance(value: object, depth: number): Json {
    if (typeof (value as { then?: unknown }).then === "function") {
      throw unserializable("a promise; wait for its result with await and send that");
    }
    const iterator = iteratorOf(value);
    if (iterator !== undefined && this.context.encodeStream !== undefined) {
      return { $: "stream", ...this.context.encodeStream(iterator) };
    }
    const native = nativeClassOf(value);
    if (native !== undefined) throw unserializable(`an object of the class ${native}`);
    const fields: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (!key.startsWith("_")) setOwn(fields, key, item);
    }
    for (const [name, method] of methodsOf(value)) {
      if (!Object.hasOwn(fields, name) && isMethodName(name)) setOwn(fields, name, method);
    }
    return this.plain(fields, depth, value);
  }

  private ndarray(array: NdArray): Json {
    const dtype = dtypeNamed(array.dtype);
    return { $: "ndarray", d: wireDType(dtype), s: [...array.shape], b: this.bytes(array.data) };
  }

  private blob(blob: Blob): Json {
    const b = this.buffers.push(blob) - 1;
    if (typeof File !== "undefined" && blob instanceof File) {
      return { $: "blob", b, m: blob.type, n: blob.name, t: blob.lastModified };
    }
    return { $: "blob", b, m: blob.type };
  }

  /** Puts exactly the bytes of the view among the binary parts and returns their index. */
  private bytes(view: ArrayBufferView): number {
    const bytes = viewOf(view);
    const buffer = bytes.buffer;
    const whole = bytes.byteLength === buffer.byteLength && isFixed(buffer);
    if (!whole || this.seen.has(buffer)) {
      const copy = copyOf(bytes).buffer;
      this.transfer.push(copy);
      return this.buffers.push(copy) - 1;
    }
    this.seen.add(buffer);
    if (this.transferOwned) this.transfer.push(buffer);
    return this.buffers.push(buffer) - 1;
  }
}

function encodeNumber(value: number): Json {
  if (Number.isFinite(value)) return Object.is(value, -0) ? { $: "float", v: "-0" } : value;
  const text = Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return { $: "float", v: text };
}
