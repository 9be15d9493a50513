import { afterEach, describe, expect, it, vi } from "vitest";
import { newId } from "./ids";
import { Peer } from "./peer";
import { connectPort } from "./port";
import type { Frame } from "./protocol/frame";

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

const isFrame = (data: unknown) => typeof data === "object" && data !== null && "header" in data;

/** A plugin that floods the page; `sent()` counts the frames which the browser holds or has handed over. */
function flooded({ quick = false } = {}) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  let sent = 0;
  port1.addEventListener("message", ({ data }) => {
    sent += Array.isArray(data) ? data.length : Number(isFrame(data));
  });
  const milestones: (() => void)[] = [];
  const page: Peer = new Peer({ address: newId(), send: (...frame) => link.send(...frame) });
  const plugin: Peer = new Peer({ address: newId(), send: (...frame) => other.send(...frame) });
  const events = {
    onFrame: (frame: Frame) => page.receive(frame),
    onError: () => undefined,
    ...(!quick && { onMilestone: (passed: () => void) => void milestones.push(passed) }),
  };
  const link = connectPort(port1, events, { patient: true });
  const onFrame = (frame: Frame) => plugin.receive(frame);
  const other = connectPort(port2, { onFrame, onError: () => undefined });
  const call = (target: string, ...args: unknown[]) => plugin.call(page.address, target, args);
  return { page, plugin, call, milestones, sent: () => sent };
}

describe("a plugin that calls without end", () => {
  it("waits until the page has taken what it sent, and keeps the order", async () => {
    const { page, call, milestones, sent } = flooded();
    const seen: unknown[] = [];
    page.export("note", (number: number) => void seen.push(number));
    const calls = Array.from({ length: 10_000 }, (_, number) => call("note", number));
    await vi.waitFor(() => expect(milestones.length).toBe(4));
    expect(sent()).toBe(4096);
    milestones.shift()?.();
    await vi.waitFor(() => expect(milestones.length).toBe(4));
    expect(sent()).toBe(5120);
    const passing = setInterval(() => milestones.shift()?.());
    await Promise.all(calls);
    clearInterval(passing);
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, number) => number));
  });

  it("is not held up by a page that takes messages at once, nor by calls without an answer", async () => {
    const { page, call } = flooded({ quick: true });
    page.export("never", () => new Promise(() => undefined));
    page.export("soon", () => "answer");
    for (let count = 0; count < 20_000; count += 1) call("never").catch(() => undefined);
    await expect(call("soon")).resolves.toBe("answer");
  });

  it("still answers the page, and gets an error when too much waits", async () => {
    const { page, plugin, call, milestones } = flooded();
    page.export("note", () => undefined);
    plugin.export("ask", () => "an answer");
    for (let count = 0; count < 4096 + 100_000; count += 1) call("note").catch(() => undefined);
    await expect(call("note")).rejects.toMatchObject({ code: "rpc.overloaded" });
    await expect(page.call(plugin.address, "ask", [])).resolves.toBe("an answer");
    expect(milestones.length).toBeGreaterThan(0);
  });

  it("sends arrays as they were when it called", async () => {
    const { page, call, milestones } = flooded();
    page.export("note", () => undefined);
    page.export("sum", (array: Uint8Array) => array.reduce((sum, value) => sum + value, 0));
    for (let count = 0; count < 5000; count += 1) call("note").catch(() => undefined);
    const array = new Uint8Array([1, 2, 3]);
    const result = call("sum", array);
    array.fill(9);
    await vi.waitFor(() => expect(milestones.length).toBe(4));
    for (const passed of milestones.splice(0)) passed();
    await expect(result).resolves.toBe(6);
  });
});
