import { RpcError } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import type { PluginSource } from "../model";
import { codedError } from "./failure";
import { pluginFailure, startFailure } from "./plugin-failure";

const cells = { origin: "file my cells.imjoy.html", manifest: { name: "Cells" } } as PluginSource;

function raised(message: string, traceback: string): RpcError {
  return new RpcError("plugin.error", message, { remoteName: "ValueError", traceback });
}

describe("the failure of a plugin", () => {
  it.each([
    ["no", "no (my_cells.imjoy.html, line 7)"],
    ["It has no cells.", "It has no cells (my_cells.imjoy.html, line 7)."],
  ])("names the line that is at fault: %s", (message, cause) => {
    const python = `Traceback (most recent call last):
  File "Cells.imjoy.html", line 3, in run
  File "Cells.imjoy.html", line 7, in count
ValueError: ${message}`;
    const failure = pluginFailure(raised(message, python), "Running Cells", cells);
    expect(failure.cause).toContain(cause);
    const javascript = `Error: ${message}\n    at count (my_cells.imjoy.html:7:3)`;
    expect(pluginFailure(raised(message, javascript), "Running Cells", cells).cause).toContain(
      cause,
    );
  });

  it("names no line twice, and none of other files", () => {
    const cause = "SyntaxError: Unexpected token (my_cells.imjoy.html, line 9)";
    const known = codedError("plugin.load_failed", "", { cause, detail: "my_cells.imjoy.html:9" });
    expect(pluginFailure(known, "S", cells).cause).toBe(cause);
    const other = raised("no", "Error: no\n    at f (other.imjoy.html:7:3)");
    expect(pluginFailure(other, "S", cells).cause).not.toContain("line");
  });

  it("says which plugin did not start", () => {
    const data = { step: "Finding the packages", cause: "C", remedy: "R" };
    const failure = startFailure(codedError("env.requirement", "m", data), cells);
    expect(failure).toMatchObject({ ...data, step: "Starting Cells: Finding the packages" });
    expect(startFailure(new Error("e"), cells).step).toBe("Starting Cells");
    const named = { ...data, step: "Running Cells" };
    expect(startFailure(codedError("plugin.crashed", "m", named), cells).step).toBe(
      "Running Cells",
    );
  });
});
