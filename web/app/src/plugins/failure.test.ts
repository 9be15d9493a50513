import { describe, expect, it } from "vitest";
import { codedError, toFailure } from "./failure";

describe("a failure", () => {
  it("says to run again what a restart of the engine has ended", () => {
    const lost = codedError("rpc.engine_restarted", "The engine was started anew.");
    const failure = toFailure(lost, "Running Threshold");
    expect(failure).toMatchObject({
      step: "Running Threshold",
      cause: "The engine was started anew.",
      remedy: "Run it again.",
    });
  });

  it("says what to do when the browser has no more room", () => {
    const full = new DOMException(
      "The current transaction exceeded its quota.",
      "QuotaExceededError",
    );
    const failure = toFailure(full, "Keeping the workspace Cells");
    expect(failure).toMatchObject({ step: "Keeping the workspace Cells", code: "app.full" });
    expect(failure.remedy).toContain("Export the workspace");
  });
});
