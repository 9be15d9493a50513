import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Life } from "./life";

/** A plugin that answers unless it is busy; `idle` as long as it is told to go on. */
function plugin() {
  const state = { busy: false, working: true };
  const until = (holds: () => boolean, milliseconds: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = performance.now() + milliseconds;
      const look = (): void => {
        if (holds()) resolve();
        else if (performance.now() >= end) reject(new Error("timeout"));
        else setTimeout(look, 10);
      };
      look();
    });
  const life = new Life({
    ask: (milliseconds) => until(() => !state.busy, milliseconds),
    idle: (milliseconds) => until(() => !state.busy && !state.working, milliseconds),
  });
  return { state, life };
}

/** Whether it settled within that time, and how. */
async function outcome(life: Life, milliseconds: number): Promise<boolean | "waits"> {
  let settled: boolean | "waits" = "waits";
  void life.settle().then((value) => {
    settled = value;
  });
  await vi.advanceTimersByTimeAsync(milliseconds);
  return settled;
}

describe("a plugin whose call is cancelled", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is given up at once when it has been busy for long", async () => {
    const { state, life } = plugin();
    life.watch();
    await vi.advanceTimersByTimeAsync(1000);
    state.busy = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome(life, 300)).toBe(false);
  });

  it("has the rest of its time when it has been busy for a moment", async () => {
    const { state, life } = plugin();
    life.watch();
    await vi.advanceTimersByTimeAsync(3000);
    state.busy = true;
    await vi.advanceTimersByTimeAsync(600);
    expect(await outcome(life, 900)).toBe("waits");
    await vi.advanceTimersByTimeAsync(1000);
  });

  it("has all of its time as long as it speaks", async () => {
    const { state, life } = plugin();
    life.watch();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await outcome(life, 1900)).toBe("waits");
    state.working = false;
    expect(await outcome(life, 100)).toBe(true);
  });

  it("asks no more when its calls have ended", async () => {
    const ask = vi.fn(async () => undefined);
    const life = new Life({ ask, idle: async () => undefined });
    const [end, other] = [life.watch(), life.watch()];
    await vi.advanceTimersByTimeAsync(1000);
    expect(ask).toHaveBeenCalledTimes(2);
    end();
    end();
    await vi.advanceTimersByTimeAsync(500);
    expect(ask).toHaveBeenCalledTimes(3);
    other();
    await vi.advanceTimersByTimeAsync(5000);
    expect(ask).toHaveBeenCalledTimes(3);
  });
});
