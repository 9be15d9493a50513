/** JSON text and binary parts to JavaScript values. */
import { arrayFromBytes, parseWireDType, type TypedArray } from "../dtypes";
import { fromErrorRecord, isErrorRecord, RpcError } from "../errors";
import { isAddress } from "../ids";
import { MAX_DIMENSIONS, NdArray, product } from "../nd-array";
import { noteCodec, setOwn, type ValueContext } from "./context";
import { type Buffer_, checkSize, isBlob, malformed } from "./frame";
import { LIMITS } from "./messages";

/**
 * Decodes a body. Raises protocol.malformed, protocol.unknown_tag, protocol.too_deep,
 * protocol.too_many_nodes or protocol.too_large.
 */
export function decode(body: string, buffers: readonly Buffer_[], context: ValueContext): unknown {
  checkSize(body, buffers);
  const decoder = new Decoder(buffers, context);
  const value = decoder.value(parse(body), 1);
  decoder.finish();
  return value;
}

type Json = unknown;
type Tagged = Record<string, Json>;
type Reader = (decoder: Decoder, node: Tagged, depth: number) => unknown;

// Python reads no more digits than this from one number, because the cost grows faster than the text.
const INT = /^-?[0-9]{1,4300}$/;
const MAX_DATE = 8.64e15;

class Decoder {
  private readonly used: boolean[];
  private nodes = 0;

  constructor(
    private readonly buffers: readonly Buffer_[],
    readonly context: ValueContext,
  ) {
    this.used = new Array<boolean>(buffers.length).fill(false);
  }

  /** `node` is fresh from JSON.parse and belongs to us, so lists and objects are filled in place. */
  value(node: Json, depth: number): unknown {
    this.count(depth);
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node)) {
      for (let i = 0; i < node.length; i += 1) node[i] = this.value(node[i], depth + 1);
      return node;
    }
    if (Object.hasOwn(node, "$")) return this.tagged(node as Tagged, depth);
    for (const key of Object.keys(node)) {
      this.put(node, key, this.value((node as Tagged)[key], depth + 1));
    }
    return node;
  }

  /** Sets a property, except a function called `then`: it would make a promise of plain data. */
  put(target: object, key: string, value: unknown): void {
    if (key === "then" && typeof value === "function") {
      delete (target as Tagged)[key];
    } else {
      setOwn(target, key, value);
    }
  }

  finish(): void {
    if (this.used.includes(false)) throw malformed("a binary part is not used");
  }

  /** Binary part of a tag. Each may be taken once. */
  buffer(node: Tagged): Buffer_ {
    const index = field(node, "b");
    if (typeof index !== "number" || !Number.isInteger(index)) {
      throw malformed("a binary part is not given by its number");
    }
    const found = this.buffers[index];
    if (found === undefined) throw malformed(`there is no binary part ${index}`);
    if (this.used[index]) throw malformed(`binary part ${index} is used twice`);
    this.used[index] = true;
    return found;
  }

  bytes(node: Tagged): Uint8Array {
    const buffer = this.buffer(node);
    if (isBlob(buffer)) throw malformed("a file is where bytes should be");
    return buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
  }

  private tagged(node: Tagged, depth: number): unknown {
    const tag = node.$;
    if (typeof tag !== "string") throw malformed("a tag is not text");
    const reader = READERS.get(tag);
    if (reader === undefined) {
      throw new RpcError("protocol.unknown_tag", `A value has the unknown tag "${tag}".`);
    }
    return reader(this, node, depth);
  }

  private count(depth: number): void {
    if (depth > LIMITS.depth) {
      throw new RpcError("protocol.too_deep", `A value is over ${LIMITS.depth} levels deep.`);
    }
    this.nodes += 1;
    if (this.nodes > LIMITS.nodes) {
      throw new RpcError("protocol.too_many_nodes", `A value has over ${LIMITS.nodes} parts.`);
    }
  }
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["int", (_, node) => readInt(text(node, "v"))],
  ["float", (_, node) => readFloat(text(node, "v"))],
  ["complex", (_, node) => readComplex(list(node, "v"))],
  ["bytes", (decoder, node) => exactBuffer(decoder.bytes(node))],
  ["typedarray", (decoder, node) => readArray(decoder, node).array],
  ["ndarray", readNdArray],
  ["dict", readDict],
  ["map", (decoder, node, depth) => new Map(pairs(decoder, node, depth))],
  ["set", readSet],
  ["date", (_, node) => readDate(field(node, "v"))],
  ["blob", readBlob],
  ["error", readError],
  ["ref", (decoder, node) => readRef(decoder, text(node, "p"), text(node, "t"))],
  ["stream", (decoder, node) => readStream(decoder, text(node, "p"), text(node, "t"))],
  ["codec", readCodec],
]);

function parse(body: string): Json {
  try {
    return JSON.parse(body);
  } catch {
    throw malformed("its text is not JSON");
  }
}

function field(node: Tagged, key: string): Json {
  if (!Object.hasOwn(node, key)) throw malformed(`a value lacks the field "${key}"`);
  return node[key];
}

function text(node: Tagged, key: string): string {
  const value = field(node, key);
  if (typeof value !== "string") throw malformed(`the field "${key}" of a value is not text`);
  return value;
}

function list(node: Tagged, key: string): Json[] {
  const value = field(node, key);
  if (!Array.isArray(value)) throw malformed(`the field "${key}" of a value is not a list`);
  return value;
}

function readInt(digits: string): bigint {
  if (!INT.test(digits)) throw malformed("a whole number is not written in digits");
  return BigInt(digits);
}

const FLOATS: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

function readFloat(name: string): number {
  const value = FLOATS.get(name);
  if (value === undefined) throw malformed("a special number has an unknown name");
  return value;
}

function readComplex(parts: Json[]): { re: number; im: number } {
  if (parts.length !== 2) throw malformed("a complex number does not have two parts");
  return { re: readPart(parts[0]), im: readPart(parts[1]) };
}

function readPart(part: Json): number {
  if (typeof part === "number") return part;
  if (typeof part === "object" && part !== null && !Array.isArray(part)) {
    const node = part as Tagged;
    if (field(node, "$") === "float") return readFloat(text(node, "v"));
  }
  throw malformed("a part of a complex number is not a number");
}

function readArray(
  decoder: Decoder,
  node: Tagged,
): { array: TypedArray; dtype: string; size: number } {
  const parsed = parseWireDType(text(node, "d"));
  if (parsed === undefined) throw malformed("an array has an unknown element type");
  const { dtype, swapped } = parsed;
  const bytes = decoder.bytes(node);
  if (bytes.byteLength % dtype.itemSize !== 0) {
    throw malformed("an array does not have a whole number of elements");
  }
  const size = bytes.byteLength / dtype.itemSize;
  return { array: arrayFromBytes(bytes, dtype, swapped), dtype: dtype.name, size };
}

function readNdArray(decoder: Decoder, node: Tagged): NdArray {
  const shape = list(node, "s");
  if (shape.length > MAX_DIMENSIONS) throw malformed("an array has too many dimensions");
  for (const length of shape) {
    if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) {
      throw malformed("the shape of an array is not a list of sizes");
    }
  }
  const { array, dtype, size } = readArray(decoder, node);
  if (size !== product(shape as number[])) throw malformed("an array does not fill its shape");
  return new NdArray(array, shape as number[], dtype);
}

function pairs(decoder: Decoder, node: Tagged, depth: number): [unknown, unknown][] {
  return list(node, "v").map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw malformed("an entry is not a pair");
    return [decoder.value(pair[0], depth + 1), decoder.value(pair[1], depth + 1)];
  });
}

function readDict(decoder: Decoder, node: Tagged, depth: number): object {
  const out = {};
  for (const pair of list(node, "v")) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== "string") {
      throw malformed("an entry is not a pair of a key and a value");
    }
    decoder.put(out, pair[0], decoder.value(pair[1], depth + 1));
  }
  return out;
}

function readSet(decoder: Decoder, node: Tagged, depth: number): Set<unknown> {
  return new Set(list(node, "v").map((item) => decoder.value(item, depth + 1)));
}

function readDate(time: Json): Date {
  if (typeof time !== "number" || Math.abs(time) > MAX_DATE) throw malformed("a date is invalid");
  return new Date(time);
}

function readBlob(decoder: Decoder, node: Tagged): Blob {
  const type = text(node, "m");
  const name = Object.hasOwn(node, "n") ? text(node, "n") : undefined;
  const time = Object.hasOwn(node, "t") ? readDate(node.t).getTime() : undefined;
  const part = decoder.buffer(node) as BlobPart;
  if (name === undefined || typeof File === "undefined") {
    return isBlob(part) && part.type === type ? part : new Blob([part], { type });
  }
  return new File([part], name, time === undefined ? { type } : { type, lastModified: time });
}

function readError(decoder: Decoder, node: Tagged, depth: number): RpcError {
  const record = decoder.value(field(node, "v"), depth + 1);
  if (!isErrorRecord(record)) throw malformed("an error lacks its fields");
  return fromErrorRecord(record);
}

function readRef(decoder: Decoder, peer: string, target: string): unknown {
  if (!isAddress(peer)) throw malformed("a function has no valid address");
  return decoder.context.decodeRef(peer, target);
}

function readStream(decoder: Decoder, peer: string, target: string): unknown {
  const { decodeStream } = decoder.context;
  if (!isAddress(peer)) throw malformed("a stream has no valid address");
  if (decodeStream === undefined) throw malformed("streams are not received here");
  return decodeStream.call(decoder.context, peer, target);
}

function readCodec(decoder: Decoder, node: Tagged, depth: number): unknown {
  const name = text(node, "n");
  const value = decoder.value(field(node, "v"), depth + 1);
  const codec = decoder.context.codecs?.named(name);
  if (codec?.decoder) return codec.decoder(value as never);
  noteCodec(value, name);
  return value;
}

/** An ArrayBuffer of exactly these bytes. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return buffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
