import { NdArray } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { fromLegacy, toLegacy } from "./values";

const links = {
  remote: (tag: Record<string, unknown>) => async () => tag._rvalue,
  local: (fn: unknown) => ({ _rtype: "interface", _rvalue: typeof fn }),
};

describe("values of the published library", () => {
  it.each([
    ["numbers, texts and lists", [1, "a", null, true, { a: [{ b: 2 }] }]],
    ["a map", new Map([["a", 1]])],
    ["a set", new Set([1, 2])],
    ["a typed array", new Float32Array([1, 2.5])],
    ["bytes", new Uint8Array([1, 2]).buffer],
    ["a date", new Date(5)],
  ])("go there and back: %s", (_, value) => {
    expect(fromLegacy(toLegacy(value, links), links)).toEqual(value);
  });

  it("have arrays with their shape, also when these come in pieces", () => {
    const array = new NdArray(new Int16Array([1, 2, 3, 4]), [2, 2]);
    const sent = toLegacy(array, links) as Record<string, unknown>;
    expect(sent).toMatchObject({ _rtype: "ndarray", _rshape: [2, 2], _rdtype: "int16" });
    const whole = sent._rvalue as ArrayBuffer;
    const pieces = { ...sent, _rvalue: [whole.slice(0, 4), whole.slice(4)] };
    expect((fromLegacy(pieces, links) as NdArray).data).toEqual(array.data);
  });

  it("have functions that can be called again and again", async () => {
    const got = fromLegacy({ f: { _rtype: "callback", _rvalue: 3 }, _rintf: "x" }, links);
    const { f } = got as { f: () => Promise<unknown> };
    expect([await f(), await f()]).toEqual([3, 3]);
    expect(Object.keys(got as object)).toEqual(["f"]);
  });

  it("have errors by their text, and leave tags alone that nobody knows", () => {
    const error = fromLegacy({ _rtype: "error", _rvalue: "Error: no" }, links);
    expect((error as Error).message).toBe("no");
    const unknown = { _rtype: "__proto__", a: 1 };
    expect(fromLegacy(unknown, links)).toEqual(unknown);
  });

  it("are refused when they are nested without end", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 70; i += 1) deep = [deep];
    expect(() => fromLegacy(deep, links)).toThrow("nested");
    expect(() => toLegacy(deep, links)).toThrow("nested");
  });
});
