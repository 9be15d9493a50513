import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RpcError } from "../errors";
import { newId } from "../ids";
import { NdArray } from "../nd-array";
import { type AnyFunction, CodecRegistry, decode, encode, type ValueContext } from "./values";

const HERE = newId();

/** References are kept in a list; what comes back is the same function. */
function context(codecs?: CodecRegistry): ValueContext & { functions: AnyFunction[] } {
  const functions: AnyFunction[] = [];
  return {
    functions,
    codecs,
    encodeFunction: (fn) => ({ p: HERE, t: String(functions.push(fn) - 1) }),
    decodeRef: (_, target) => functions[Number(target)],
  };
}

function roundTrip(value: unknown): unknown {
  const values = context();
  const { body, buffers } = encode(value, values);
  return decode(body, buffers, values);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError);
    return (error as RpcError).code;
  }
  return "no error";
}

const refused = (value: unknown) => codeOf(() => encode(value, context()));
const rejected = (body: string, ...buffers: ArrayBuffer[]) =>
  codeOf(() => decode(body, buffers, context()));
const bodyOf = (value: unknown) => JSON.parse(encode(value, context()).body) as unknown;

function snapshot(): string {
  const roots = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Object];
  return JSON.stringify(roots.map((root) => Object.getOwnPropertyNames(root)));
}

let before = "";
beforeAll(() => {
  before = snapshot();
});
afterAll(() => {
  expect(snapshot()).toBe(before);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

describe("plain values", () => {
  it.each([
    [null],
    [true],
    ["text \ud83d\ude00 \u0000 \u2028"],
    [0],
    [-0],
    [1.5e300],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    [2n ** 80n],
    [-5n],
    [[]],
    [{}],
    [[1, [2, { a: [null] }]]],
    [{ $: "int", v: "5" }],
    [{ $: 1, nested: { $: {} } }],
    [{ _rtype: "callback", _rvalue: 3 }],
    [new Date(0)],
    [new Date(-1)],
    [
      new Map<unknown, unknown>([
        ["a", 1],
        [{ b: 2 }, new Map()],
      ]),
    ],
    [new Set([1, "a", null])],
  ])("value number %# comes back the same", (value) => {
    expect(roundTrip(value)).toEqual(value);
  });

  it("undefined, holes and invalid dates become null", () => {
    expect(roundTrip(undefined)).toBeNull();
    // biome-ignore lint/suspicious/noSparseArray: that is what is tested
    expect(roundTrip([undefined, , { a: undefined }, new Date(Number.NaN)])).toEqual([
      null,
      null,
      { a: null },
      null,
    ]);
  });

  it("boxed values and objects of other windows are what they hold", () => {
    expect(roundTrip([Object(1), Object("a"), Object(true)])).toEqual([1, "a", true]);
    const foreign = runInNewContext("({ a: [1], b: { c: 2 } })") as unknown;
    expect(roundTrip(foreign)).toEqual({ a: [1], b: { c: 2 } });
  });

  it("decoded objects can be used like any other", () => {
    const value = roundTrip({ a: { $: 1 } }) as { a: object };
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(value.a)).toBe(Object.prototype);
  });

  it("any data comes back the same and no prototype is touched", () => {
    const keys = fc.oneof(
      fc.string(),
      fc.constantFrom("$", "__proto__", "constructor", "prototype", "toString", "_rtype", "v", "b"),
    );
    const leaf = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.float32Array(),
      fc.uint8Array(),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "medium" },
        leaf,
        tie("list"),
        tie("dict"),
        tie("map"),
        tie("set"),
      ),
      list: fc.array(tie("tree"), { maxLength: 5 }),
      dict: fc.array(fc.tuple(keys, tie("tree")), { maxLength: 5 }).map((entries) => {
        const out = {};
        for (const [key, value] of entries) {
          const options = { writable: true, enumerable: true, configurable: true };
          Object.defineProperty(out, key, { value, ...options });
        }
        return out;
      }),
      map: fc.array(fc.tuple(leaf, tie("tree")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      set: fc.array(leaf, { maxLength: 3 }).map((items) => new Set(items)),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(same(roundTrip(value), value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("hostile keys", () => {
  it("are data of the object itself and reach no prototype", () => {
    const body = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const value = decode(body, [], context()) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
    expect(encode(value, context()).body).toBe(body);
  });

  it("do the same in a dict tag", () => {
    const body = '{"$":"dict","v":[["$",1],["__proto__",{"polluted":1}]]}';
    const value = decode(body, [], context()) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(encode(value, context()).body).toBe(body);
  });

  it("are not found as tags or fields on prototypes", () => {
    for (const tag of ["constructor", "__proto__", "toString"]) {
      expect(rejected(`{"$":"${tag}"}`)).toBe("protocol.unknown_tag");
    }
    Object.defineProperty(Object.prototype, "v", { value: "5", configurable: true });
    try {
      expect(rejected('{"$":"int"}')).toBe("protocol.malformed");
      expect(decode('{"a":1}', [], context())).toEqual({ a: 1 });
    } finally {
      delete (Object.prototype as { v?: unknown }).v;
    }
  });
});

describe("binary values", () => {
  it.each([
    [new Int8Array([-1, 2])],
    [new Uint8Array([1, 2, 255])],
    [new Int16Array([-300])],
    [new Uint16Array([65535])],
    [new Int32Array([-(2 ** 31)])],
    [new Uint32Array([2 ** 32 - 1])],
    [new BigInt64Array([-(2n ** 63n)])],
    [new BigUint64Array([2n ** 64n - 1n])],
    [new Float32Array([1.5, Number.NaN])],
    [new Float64Array([])],
  ])("%s comes back the same", (value) => {
    expect(roundTrip(value)).toEqual(value);
  });

  it("clamped arrays become Uint8Array, a DataView becomes bytes", () => {
    expect(roundTrip(new Uint8ClampedArray([1]))).toEqual(new Uint8Array([1]));
    const { buffer } = new Uint8Array([1, 2, 3]);
    expect(roundTrip(new DataView(buffer, 1))).toEqual(new Uint8Array([2, 3]).buffer);
  });

  it("only the bytes of a view travel", () => {
    const whole = new Uint8Array(1000).map((_, index) => index);
    const { buffers } = encode(whole.subarray(10, 13), context());
    expect(buffers).toEqual([new Uint8Array([10, 11, 12]).buffer]);
  });

  it("keeps the caller's buffers unless they are given away", () => {
    const mine = new Uint8Array(4);
    const part = new Uint8Array(8).subarray(4);
    const kept = encode([mine, part], context());
    expect(kept.buffers[0]).toBe(mine.buffer);
    expect(kept.transfer).toEqual([kept.buffers[1]]);
    const given = encode([mine, part, mine], context(), { transferOwned: true });
    expect(given.transfer).toEqual(given.buffers);
    expect(new Set(given.buffers).size).toBe(3);
  });

  it("copies shared memory", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(5);
    const { buffers, transfer } = encode([shared, shared.buffer], context(), {
      transferOwned: true,
    });
    for (const buffer of buffers) expect(buffer).toBeInstanceOf(ArrayBuffer);
    expect(transfer).toEqual(buffers);
  });

  it("refuses an array whose memory has been moved", () => {
    const array = new Float32Array(4);
    structuredClone(array, { transfer: [array.buffer] });
    expect(refused(array)).toBe("rpc.unserializable");
  });

  it("reads buffers at any offset, and in big-endian order, without changing them", () => {
    const outer = new Uint8Array([0, 0x3f, 0x80, 0, 0, 0, 0]);
    const body = '{"$":"typedarray","d":">f4","b":0}';
    expect(decode(body, [outer.subarray(1, 5)], context())).toEqual(new Float32Array([1]));
    expect([...outer]).toEqual([0, 0x3f, 0x80, 0, 0, 0, 0]);
  });

  it("carries arrays of every element type, empty and without dimensions", () => {
    for (const array of [
      new NdArray(new Uint8Array([1, 0]), [2], "bool"),
      new NdArray(new Float32Array([1, 2, 3, 4]), [2], "complex64"),
      new NdArray(new Float64Array(2), [], "complex128"),
      new NdArray(new Uint16Array(6), [1, 2, 3]),
      new NdArray(new Int32Array(0), [0, 5]),
    ]) {
      const back = roundTrip(array) as NdArray;
      expect(back).toBeInstanceOf(NdArray);
      expect([back.dtype, back.shape, back.data]).toEqual([array.dtype, array.shape, array.data]);
    }
  });

  it("takes arrays as plugins for earlier versions write them", () => {
    const pixels = new Uint16Array([1, 2, 3, 4, 5, 6]);
    const old = { _rtype: "ndarray", _rdtype: "uint16", _rshape: [2, 3] };
    const bytes = new Uint8Array(pixels.buffer);
    for (const _rvalue of [pixels, pixels.buffer, bytes, [...pixels]]) {
      const back = roundTrip({ ...old, _rvalue }) as NdArray;
      expect([back.dtype, [...back.shape], back.data]).toEqual(["uint16", [2, 3], pixels]);
    }
    const first = { __jailed_type__: "ndarray", __dtype__: "uint16", __shape__: [2, 3] };
    const pieces = [bytes.slice(0, 5), bytes.slice(5).buffer];
    for (const __value__ of [pixels, pixels.buffer, pieces, [...pixels]]) {
      expect((roundTrip({ ...first, __value__ }) as NdArray).data).toEqual(pixels);
    }
    for (const own of [{ __jailed_type__: "ndarray" }, { _rtype: "ndarray", _rvalue: [1] }]) {
      expect(roundTrip(own)).toEqual(own);
    }
    expect(refused({ ...old, _rvalue: "text" })).toBe("rpc.unserializable");
    expect(refused({ ...old, _rvalue: pixels, _rshape: [7] })).toBe("rpc.unserializable");
  });

  it("takes arrays of TensorFlow.js", () => {
    const data = new Float32Array([1, 2]);
    class Tensor {
      shape = [1, 2];
      dtype = "float32";
      dataSync() {
        return data;
      }
    }
    expect(roundTrip(new Tensor())).toMatchObject({ shape: [1, 2], dtype: "float32", data });
    expect(refused(Object.assign(new Tensor(), { dtype: "string" }))).toBe("rpc.unserializable");
  });

  it("takes a FileList as a list", () => {
    class FileList {
      *[Symbol.iterator]() {
        yield new File(["abc"], "a.txt");
      }
    }
    Object.assign(globalThis, { FileList });
    try {
      const back = roundTrip(new FileList()) as File[];
      expect([back.length, back[0]?.name]).toEqual([1, "a.txt"]);
    } finally {
      Reflect.deleteProperty(globalThis, "FileList");
    }
  });

  it("takes ImageData", () => {
    class ImageData {
      width = 2;
      height = 1;
      data = new Uint8ClampedArray(8).fill(3);
    }
    Object.assign(globalThis, { ImageData });
    try {
      const back = roundTrip(new ImageData()) as NdArray;
      expect([back.shape, back.dtype]).toEqual([[1, 2, 4], "uint8"]);
    } finally {
      Reflect.deleteProperty(globalThis, "ImageData");
    }
  });

  it("carries a Blob as it is and a File with its name and time", async () => {
    const file = new File(["abc"], "a.txt", { type: "text/plain", lastModified: 12345 });
    const { body, buffers } = encode([new Blob(["x"], { type: "a/b" }), file], context());
    expect(buffers[1]).toBe(file);
    const asBytes = await Promise.all(buffers.map((buffer) => (buffer as Blob).arrayBuffer()));
    for (const parts of [buffers, asBytes]) {
      const [blob, back] = decode(body, parts, context()) as [Blob, File];
      expect(blob).not.toBeInstanceOf(File);
      expect([blob.type, await blob.text()]).toEqual(["a/b", "x"]);
      expect(back).toBeInstanceOf(File);
      expect([back.name, back.type, back.lastModified]).toEqual(["a.txt", "text/plain", 12345]);
      expect(await back.text()).toBe("abc");
    }
  });
});

describe("functions, objects and errors", () => {
  it("an object of a class gives its public fields and methods", () => {
    class Base {
      inherited() {
        return this.constructor.name;
      }
    }
    class Tool extends Base {
      size = 3;
      _private = 4;
      arrow = () => this.size;
      get computed() {
        return 5;
      }
      run() {
        return this.size;
      }
      _hidden() {}
    }
    const back = roundTrip(new Tool()) as Record<string, AnyFunction> & { size: number };
    expect(Object.keys(back).sort()).toEqual(["arrow", "inherited", "run", "size"]);
    const { run, inherited } = back;
    expect([back.size, run?.(), inherited?.()]).toEqual([3, 3, "Tool"]);
  });

  it("the same method of the same object is the same function each time", () => {
    class Tool {
      run() {}
    }
    const tool = new Tool();
    const values = context();
    encode([tool, tool], values);
    expect(values.functions[0]).toBe(values.functions[1]);
  });

  it("an error keeps its class, message and code", () => {
    expect(roundTrip(new RangeError("too far"))).toMatchObject({
      code: "plugin.error",
      remoteName: "RangeError",
      message: "too far",
    });
    const error = new RpcError("env.conflict", "m", { traceback: null, data: { $: 1 } });
    expect(roundTrip(error)).toMatchObject({
      code: "env.conflict",
      traceback: null,
      data: { $: 1 },
    });
  });

  it("refuses what only lives in one process", () => {
    const values = [
      Symbol("s"),
      /x/,
      new WeakMap(),
      Promise.resolve(),
      { deep: [Promise.resolve()] },
      new Intl.NumberFormat("en"),
      new WebAssembly.Memory({ initial: 0 }),
    ];
    for (const value of values) expect(refused(value)).toBe("rpc.unserializable");
  });

  it("uses codecs of users, and keeps the value of an unknown codec", () => {
    class Box {
      constructor(readonly content: unknown) {}
    }
    const codecs = new CodecRegistry();
    codecs.register({
      name: "box",
      type: Box,
      encoder: (box: Box) => ({ content: box.content }),
      decoder: ({ content }: { content: unknown }) => new Box(content),
    });
    const { body, buffers } = encode([new Box(new Uint8Array(2))], context(codecs));
    expect(decode(body, buffers, context(codecs))).toEqual([new Box(new Uint8Array(2))]);
    const unknown = decode(body, buffers, context());
    expect(unknown).toEqual([{ content: new Uint8Array(2) }]);
    // Who passes it on need not know the codec: it arrives as what it was.
    const again = encode({ passed: unknown }, context());
    expect(decode(again.body, again.buffers, context(codecs))).toStrictEqual({
      passed: [new Box(new Uint8Array(2))],
    });
  });
});

describe("limits", () => {
  const nested = (depth: number) => {
    let value: unknown = 1;
    for (let i = 1; i < depth; i += 1) value = [value];
    return value;
  };

  it("take 64 levels and no more, in both directions", () => {
    expect(roundTrip(nested(64))).toEqual(nested(64));
    expect(refused(nested(65))).toBe("protocol.too_deep");
    expect(rejected(`${"[".repeat(64)}1${"]".repeat(64)}`)).toBe("protocol.too_deep");
  });

  it("hold without using up the stack", () => {
    const circular: unknown[] = [];
    circular.push(circular);
    expect(refused(circular)).toBe("protocol.too_deep");
    for (const open of ["[", '{"a":', '{"$":"set","v":[', '{"$":"error","v":']) {
      const code = rejected(open.repeat(200_000));
      expect(["protocol.too_deep", "protocol.malformed"]).toContain(code);
    }
    expect(rejected(`${"[".repeat(500_000)}${"]".repeat(500_000)}`)).toBe("protocol.too_deep");
  });

  it("stop a million parts", () => {
    expect(refused(new Array(1_000_001).fill(0))).toBe("protocol.too_many_nodes");
    expect(rejected(`[${"0,".repeat(1_000_000)}0]`)).toBe("protocol.too_many_nodes");
  });

  it("stop text and numbers of parts that are too large", () => {
    expect(refused("x".repeat(64 * 1024 * 1024))).toBe("protocol.too_large");
    expect(refused("\u20ac".repeat(30 * 1024 * 1024))).toBe("protocol.too_large");
    expect(refused(Array.from({ length: 4097 }, () => new Uint8Array(1)))).toBe(
      "protocol.too_large",
    );
  });
});

describe("rejection", () => {
  it.each([
    ["", "protocol.malformed"],
    ["{", "protocol.malformed"],
    ["NaN", "protocol.malformed"],
    ['{"$":5}', "protocol.malformed"],
    ['{"$":"new"}', "protocol.unknown_tag"],
    ['{"$":"int","v":5}', "protocol.malformed"],
    ['{"$":"int","v":"0x5"}', "protocol.malformed"],
    ['{"$":"float","v":"NaN"}', "protocol.malformed"],
    ['{"$":"complex","v":[1]}', "protocol.malformed"],
    ['{"$":"dict","v":[[1,2]]}', "protocol.malformed"],
    ['{"$":"map","v":[[1]]}', "protocol.malformed"],
    ['{"$":"set","v":{}}', "protocol.malformed"],
    ['{"$":"date","v":"now"}', "protocol.malformed"],
    ['{"$":"date","v":1e300}', "protocol.malformed"],
    ['{"$":"error","v":{"code":"x"}}', "protocol.malformed"],
    ['{"$":"ref","p":"no address","t":"f"}', "protocol.malformed"],
    ['{"$":"bytes","b":0}', "protocol.malformed"],
  ])("%s is %s", (body, code) => {
    expect(rejected(body)).toBe(code);
  });

  it.each([
    ["null"],
    ['{"$":"bytes","b":1}'],
    ['{"$":"bytes","b":-1}'],
    ['{"$":"bytes","b":0.5}'],
    ['{"$":"bytes","b":"0"}'],
    ['[{"$":"bytes","b":0},{"$":"bytes","b":0}]'],
    ['{"$":"typedarray","d":"<f4","b":0}'],
    ['{"$":"typedarray","d":"|i4","b":0}'],
    ['{"$":"typedarray","d":"<U1","b":0}'],
    ['{"$":"typedarray","d":"<f16","b":0}'],
    ['{"$":"ndarray","d":"|u1","s":[2],"b":0}'],
    ['{"$":"ndarray","d":"|u1","s":[-1,-3],"b":0}'],
    ['{"$":"ndarray","d":"|u1","s":[1.5,2],"b":0}'],
    ['{"$":"ndarray","d":"|u1","s":["3"],"b":0}'],
    ['{"$":"ndarray","d":"|u1","b":0}'],
  ])("%s with three bytes is malformed", (body) => {
    expect(rejected(body, new ArrayBuffer(3))).toBe("protocol.malformed");
  });

  it("holds for any text and any JSON: an RpcError or a value, nothing else", () => {
    const tagged = fc.record(
      {
        $: fc.constantFrom("int", "float", "complex", "bytes", "ndarray", "dict", "map", "blob"),
        v: fc.jsonValue(),
        b: fc.oneof(fc.integer({ min: -1, max: 2 }), fc.jsonValue()),
        d: fc.oneof(fc.constantFrom("|u1", "<f8", ">c16"), fc.string()),
        s: fc.jsonValue(),
        m: fc.string(),
      },
      { requiredKeys: ["$"] },
    );
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      tagged.map((node) => JSON.stringify(node)),
    );
    fc.assert(
      fc.property(bodies, fc.uint8Array({ maxLength: 16 }), (body, bytes) => {
        expect(rejected(body, bytes.buffer as ArrayBuffer)).toMatch(/^(no error|protocol\.)/);
      }),
      { numRuns: 1000 },
    );
  });

  it("writes exactly the text of the specification", () => {
    expect(bodyOf([1n, Number.NaN, { $: 1 }, new Set(["a"])])).toEqual([
      { $: "int", v: "1" },
      { $: "float", v: "nan" },
      { $: "dict", v: [["$", 1]] },
      { $: "set", v: ["a"] },
    ]);
  });
});

/** Deep equality that also sees -0, NaN, own `__proto__` keys and the classes of arrays. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b);
  }
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === (b as Date).getTime();
  const parts = (value: object): unknown[] => {
    if (value instanceof Map || value instanceof Set) return [...value].flat(1);
    return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, own]) =>
      Array.isArray(value) || own.enumerable ? [key, own.value] : [],
    );
  };
  const [left, right] = [parts(a), parts(b)];
  return left.length === right.length && left.every((part, index) => same(part, right[index]));
}
