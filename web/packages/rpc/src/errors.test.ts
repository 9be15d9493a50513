import { describe, expect, it } from "vitest";
import { fromErrorRecord, isErrorRecord, RpcError, toErrorRecord } from "./errors";

const record = { code: "env.disk", name: "EnvError", message: "m", traceback: "t", data: { a: 1 } };

describe("error records", () => {
  it("come back the same after a journey", () => {
    const error = fromErrorRecord(record);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: "env.disk", remoteName: "EnvError", traceback: "t" });
    expect(toErrorRecord(error)).toEqual(record);
  });

  it("of plugins have the code plugin.error, class, text and stack", () => {
    const made = toErrorRecord(new TypeError("x is not a function"));
    expect(made).toMatchObject({ code: "plugin.error", name: "TypeError", data: null });
    expect(made.traceback).toContain("errors.test.ts");
  });

  it("can be made of whatever was thrown", () => {
    const hostile = {
      get message(): string {
        throw new Error("no");
      },
    };
    for (const thrown of [null, undefined, 5, "text", {}, [], Symbol("s"), hostile]) {
      expect(isErrorRecord(toErrorRecord(thrown))).toBe(true);
    }
  });

  it("keep the traceback of the first error on the way", () => {
    const own = toErrorRecord(new RpcError("rpc.timeout", "m"));
    expect(own.traceback).toContain("errors.test.ts");
    expect(
      toErrorRecord(new RpcError("rpc.timeout", "m", { traceback: null })).traceback,
    ).toBeNull();
  });

  it.each([
    [null],
    [[]],
    ["text"],
    [{}],
    [{ ...record, code: 5 }],
    [{ ...record, message: null }],
    [{ ...record, traceback: 5 }],
    [{ ...record, data: "text" }],
    [{ ...record, data: [] }],
    [Object.create(record)],
  ])("are not %j", (value) => {
    expect(isErrorRecord(value)).toBe(false);
  });
});
