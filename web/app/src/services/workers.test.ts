import { describe, expect, it } from "vitest";
import { EngineWorkers } from "./workers";

describe("EngineWorkers", () => {
  it("measures the round trip and asks for the rest side by side", async () => {
    const asked: unknown[] = [];
    let clock = 0;
    const engine = {
      call: async (target: string, args: readonly unknown[]) => {
        asked.push([target, ...args]);
        clock += 12;
        return target === "engine.workers"
          ? [{ worker: "w" }]
          : target === "engine.status"
            ? { cpu: 3 }
            : null;
      },
    };
    const sight = await new EngineWorkers(engine, () => clock).look();
    expect(sight).toEqual({ roundTrip: 12, machine: { cpu: 3 }, workers: [{ worker: "w" }] });
    expect(asked).toEqual([["engine.ping"], ["engine.status"], ["engine.workers"]]);
  });

  it("names the worker in every order, and tells what came of it", async () => {
    const asked: unknown[] = [];
    const engine = {
      call: async (target: string, args: readonly unknown[]) => {
        asked.push([target, ...args]);
        return target === "engine.restart_worker";
      },
    };
    const workers = new EngineWorkers(engine);
    await workers.stop("a");
    expect(await workers.interrupt("b")).toBe(false);
    expect(await workers.restart("c")).toBe(true);
    expect(asked).toEqual([
      ["engine.stop_worker", "a"],
      ["engine.interrupt_worker", "b"],
      ["engine.restart_worker", "c"],
    ]);
  });

  it("rejects with the engine's own words", async () => {
    const engine = { call: () => Promise.reject(new Error("There is no engine.")) };
    await expect(new EngineWorkers(engine).look()).rejects.toThrow("There is no engine.");
  });
});
