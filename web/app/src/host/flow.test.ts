import type { Frame } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { Flow, Meter, WAITING_LIMIT } from "./flow";

const frame = (body: string): Frame => ({ header: {} as Frame["header"], body, buffers: [] });

function setUp(cost: number) {
  const seen: string[] = [];
  const timers: (() => void)[] = [];
  let time = 0;
  let floods = 0;
  const flow = new Flow({
    handle: ({ body }) => {
      seen.push(body);
      time += cost;
    },
    onFlood: () => {
      floods += 1;
    },
    now: () => time,
    later: (run) => timers.push(run),
  });
  const tick = () => {
    time += 8;
    for (const run of timers.splice(0)) run();
  };
  return { flow, seen, timers, tick, floods: () => floods, pass: (ms: number) => (time += ms) };
}

describe("Flow", () => {
  it("hands messages on at once while they are few", () => {
    const { flow, seen, timers, pass } = setUp(1);
    for (let i = 0; i < 100; i += 1) {
      flow.push(frame(String(i)));
      pass(16);
    }
    expect(seen.length).toBe(100);
    expect(timers.length).toBe(0);
  });

  it("leaves time between when they are many, and keeps their order", () => {
    const { flow, seen, timers, tick } = setUp(1);
    for (let i = 0; i < 100; i += 1) flow.push(frame(String(i)));
    expect(seen.length).toBe(8);
    for (let turns = 0; timers.length > 0; turns += 1) {
      const before = seen.length;
      tick();
      expect(seen.length - before).toBeLessThanOrEqual(8);
      expect(turns).toBeLessThan(20);
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it("does what follows messages once they have been handed on", () => {
    const { flow, seen, timers, tick } = setUp(1);
    const done: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      flow.push(frame("x"));
      if (i % 10 === 9) flow.push(() => done.push(seen.length));
    }
    expect(done).toEqual([]);
    while (timers.length > 0) tick();
    expect(done).toEqual([10, 20]);
  });

  it("gives up on a plugin that never stops, once", () => {
    const { flow, seen, tick, floods } = setUp(1);
    for (let i = 0; i < WAITING_LIMIT + 100; i += 1) flow.push(frame("x"));
    expect(floods()).toBe(1);
    const before = seen.length;
    tick();
    flow.push(frame("late"));
    expect(seen.length).toBe(before);
  });
});

it("counts what comes within a second", () => {
  let now = 0;
  const meter = new Meter(2, () => now);
  expect([meter.take(), meter.take(), meter.take()]).toEqual([true, true, false]);
  now = 1000;
  expect(meter.take()).toBe(true);
});
