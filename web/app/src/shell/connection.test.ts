import { describe, expect, it } from "vitest";
import type { EngineStatus } from "../model";
import { connectionWords } from "./connection";

describe("connectionWords", () => {
  it.each([
    [{ state: "none" }, "Browser only"],
    [{ state: "connected", info: { version: "1.2" } }, "Engine {version}"],
    [{ state: "connected", info: {}, catchingUp: true }, "Catching up"],
    [{ state: "disconnected", message: "", retryAt: 9_000 }, "Reconnecting in {seconds} s"],
    [{ state: "disconnected", message: "", retryAt: 5_000 }, "Reconnecting"],
    [{ state: "disconnected", message: "", retryAt: null }, "Engine lost"],
  ] as [EngineStatus, string][])("says how it is with %j", (status, text) => {
    const words = connectionWords(status, 5_000);
    expect(words.text).toBe(text);
    if ("seconds" in words.values) expect(words.values.seconds).toBe(4);
  });
});
