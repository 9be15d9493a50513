import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RpcError } from "./errors";
import { NdArray } from "./nd-array";
import type { RemoteFunction } from "./remote";
import { PythonPeer } from "./testing-python";
import { essence } from "./testing-values";
import { decodeCase, RefContext, readVectors, type ValueCase } from "./testing-vectors";

const VALUES: [string, unknown][] = [
  ["null", null],
  ["text", "caf\u00e9 \ud83d\udd2c \u0000 \u2028"],
  ["half of a surrogate pair", "\ud800"],
  ["numbers", [0, -0, 1.5, 5e-324, 1.7e308, Number.NaN, Number.POSITIVE_INFINITY, -7]],
  ["large integers", [2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 64n, -(10n ** 40n)]],
  ["large numbers that are whole", [2 ** 53, 2 ** 60, 1e20, 1e21, -1e18]],
  ["nested", [{ a: [{ b: { c: [] } }], $: "int", __proto: 1 }]],
  ["hostile keys", JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "$": 3}')],
  ["old type names", { _rtype: "callback", _rvalue: 1 }],
  [
    "map",
    new Map<unknown, unknown>([
      [1, "a"],
      [2.5, new Map()],
      ["c", null],
    ]),
  ],
  ["set", new Set([1, "a", null])],
  ["dates", [new Date(0), new Date(1_700_000_000_123), new Date(-86_400_000)]],
  ["bytes", [new ArrayBuffer(0), new Uint8Array([1, 2, 255]).buffer]],
  ["typed array", new Float32Array([1, 2, Number.NaN])],
  ["array", NdArray.from(new Uint16Array([1, 2, 3, 4, 5, 6]), [2, 3])],
  ["booleans", NdArray.from(new Uint8Array([1, 0]), [2], "bool")],
  ["complex numbers", NdArray.from(new Float64Array([1, 2]), [], "complex128")],
  ["64-bit integers", NdArray.from(new BigInt64Array([-(2n ** 63n), 1n]), [2, 1])],
  ["array without elements", NdArray.from(new Int8Array(0), [0, 3])],
  ["file", new File(["abc"], "a.txt", { type: "text/plain", lastModified: 1000 })],
  ["blob", new Blob([new Uint8Array([0, 255])], { type: "image/png" })],
  ["error", new RpcError("env.disk", "full", { remoteName: "E", traceback: "t", data: { a: 1 } })],
];

const vectors = readVectors<ValueCase>("values.json").map((vector): [string, ValueCase] => [
  vector.name,
  // In a call the value is one level deeper.
  vector.name === "depth 64" ? { ...vector, body: "[[1]]" } : vector,
]);

describe.each([
  ["with numpy", []],
  ["without numpy", ["--no-numpy"]],
])("a Python peer %s", (_, options) => {
  let python: PythonPeer;
  beforeAll(() => {
    python = new PythonPeer(options);
  });
  afterAll(() => python.close());

  it.each(VALUES)("gives back: %s", async (_name, value) => {
    expect(await essence(await python.call("echo", value))).toEqual(await essence(value));
  });

  it.each(vectors)("gives back the value of values.json: %s", async (_name, vector) => {
    const value = decodeCase(vector, new RefContext());
    expect(await essence(await python.call("echo", value))).toEqual(await essence(value));
  });

  it("takes keyword arguments", async () => {
    const remote = python.peer.remote(python.address, "keywords");
    await expect(remote({ a: 1, b: [2], _rkwargs: true })).resolves.toEqual({ a: 1, b: [2] });
  });

  it("gives its exceptions with class, text and traceback", async () => {
    await expect(python.call("fail", "no image")).rejects.toMatchObject({
      code: "plugin.error",
      remoteName: "ValueError",
      message: "no image",
      traceback: expect.stringContaining("echo_peer.py"),
    });
    await expect(python.call("__class__")).rejects.toMatchObject({ code: "rpc.method_not_found" });
  });

  it("calls a callback many times and waits for its results", async () => {
    await expect(python.call("count", (step: number) => step * 2, 100)).resolves.toBe(9900);
  });

  it("gives objects with methods", async () => {
    const counter = (await python.call("counter")) as { value: number; increase: RemoteFunction };
    await counter.increase(2);
    await expect(counter.increase(3)).resolves.toBe(5);
    expect(counter.value).toBe(0);
  });

  it("gives back our own function as the one it was", async () => {
    const fn = () => 1;
    await expect(python.call("echo", fn)).resolves.toBe(fn);
  });

  it("stops a call that is cancelled", async () => {
    const controller = new AbortController();
    const sleeping = python.peer.call(python.address, "sleep", [60], { signal: controller.signal });
    controller.abort();
    await expect(sleeping).rejects.toMatchObject({ code: "rpc.cancelled" });
    await expect(python.call("echo", 1)).resolves.toBe(1);
  });

  it("takes large arrays", async () => {
    const data = new Float32Array(2 ** 20).map((_value, index) => index);
    const back = (await python.call("echo", NdArray.from(data, [1024, 1024]))) as NdArray;
    expect(back.shape).toEqual([1024, 1024]);
    expect(Buffer.from(back._rvalue).equals(Buffer.from(data.buffer))).toBe(true);
  });
});
