import { RpcError } from "@imjoy/rpc";
import { expect, it } from "vitest";
import { EarlyError } from "./early-error";

it("gives the plugin some time, then says what went wrong first", async () => {
  const early = new EarlyError(5);
  early.note(new TypeError("x is not a function"));
  early.note("a later one");
  const failure = await early.failed.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RpcError);
  expect((failure as RpcError).code).toBe("plugin.load_failed");
  expect((failure as RpcError).message).toContain("TypeError: x is not a function");
});
