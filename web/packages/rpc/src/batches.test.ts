import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newId } from "./ids";
import { Peer } from "./peer";
import { connectPort } from "./port";
import type { Frame, Header } from "./protocol/frame";

const open: MessagePort[] = [];
/** Calls take as long as they say, however busy the machine is. */
let clock = 0;
beforeEach(() => {
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const port of open.splice(0)) port.close();
});

/** The page and a plugin of it; `messages` are what went each way. */
function pair() {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const messages = { out: [] as unknown[], back: [] as unknown[] };
  port2.addEventListener("message", ({ data }) => messages.out.push(data));
  port1.addEventListener("message", ({ data }) => messages.back.push(data));
  const page: Peer = new Peer({ address: newId(), send: (...frame) => link.send(...frame) });
  const plugin: Peer = new Peer({ address: newId(), send: (...frame) => other.send(...frame) });
  const [onError, onLost] = [vi.fn(), vi.fn()];
  const events = { onFrame: (frame: Frame) => page.receive(frame), onError };
  const link = connectPort(port1, events, { patient: true });
  const onFrame = (frame: Frame) => plugin.receive(frame);
  const other = connectPort(port2, { onFrame, onError: onLost });
  const call = (target: string, ...args: unknown[]) => page.call(plugin.address, target, args);
  return { page, plugin, link, call, messages, port1, onLost };
}

const sizes = (messages: unknown[]) => messages.map((one) => (Array.isArray(one) ? one.length : 1));
const numbers = Array.from({ length: 20 }, (_, number) => number);

describe("frames of one turn", () => {
  it("leave in one message, and so do their answers", async () => {
    const { plugin, call, messages } = pair();
    plugin.export("same", (value: number) => value);
    const calls = numbers.map((number) => call("same", number));
    expect(await Promise.all(calls)).toEqual(numbers);
    expect(sizes(messages.out)).toEqual([20]);
    expect(sizes(messages.back)).toEqual([20]);
  });

  it("go on together while many calls are under way, whenever their answers come", async () => {
    const { plugin, call, messages } = pair();
    plugin.export("later", async (value: number) => {
      for (let hops = value % 7; hops > 0; hops -= 1) await null;
      return value;
    });
    await Promise.all(
      numbers.map(async (n) => {
        for (let round = 0; round < 10; round += 1) expect(await call("later", n)).toBe(n);
      }),
    );
    expect(messages.out.length).toBeLessThan(100);
  });

  it("keep their order, also around one with an array", async () => {
    const { plugin, call } = pair();
    const seen: number[] = [];
    plugin.export("note", (value: number) => void seen.push(value));
    const calls = numbers.map((n) => call("note", n, n === 7 ? new Uint8Array(9) : null));
    await Promise.all(calls);
    expect(seen).toEqual(numbers);
  });

  it("are answered before a later one has ended that takes long", async () => {
    const { plugin, call, messages } = pair();
    const answered: number[] = [];
    plugin.export("work", (value: number) => {
      if (value === 10) clock += 20;
      answered.push(messages.back.length);
      return value;
    });
    await Promise.all(numbers.map((number) => call("work", number)));
    expect(messages.back.length).toBeGreaterThan(1);
    // What came before the long one left with it, and nothing waited for those behind it.
    expect(sizes(messages.back)[0]).toBe(11);
  });

  it("of a plugin do not wait for its turn to end, except for answers", async () => {
    const { page, plugin, messages } = pair();
    page.export("api.log", () => null);
    const calls = [1, 2, 3].map((line) => plugin.call(page.address, "api.log", [line]));
    await Promise.all(calls);
    expect(sizes(messages.back)).toEqual([1, 1, 1]);
  });

  it("fail alone when the browser cannot copy one of them", async () => {
    const { page, plugin, link, call } = pair();
    plugin.export("same", (value: number) => value);
    const before = call("same", 1);
    const id = newId();
    const strange = { type: "call", id, to: plugin.address, from: page.address, target: "same" };
    const refused = expect(page.adopt(id, plugin.address)).rejects.toMatchObject({
      code: "rpc.unserializable",
    });
    const header = { ...strange, extra: () => 0 } as unknown as Header;
    link.send({ header, body: "[2]", buffers: [] });
    const after = call("same", 3);
    expect(await before).toBe(1);
    await refused;
    expect(await after).toBe(3);
  });

  it("are sent before the port is closed", async () => {
    const { plugin, call, link } = pair();
    const told = new Promise((resolve) => plugin.export("bye", resolve));
    void call("bye", "bye").catch(() => undefined);
    link.close();
    expect(await told).toBe("bye");
  });

  it("may have others beside them that are none", async () => {
    const { plugin, port1, page, onLost } = pair();
    const told = new Promise((resolve) => plugin.export("bye", resolve));
    const header = { type: "call", id: newId(), to: plugin.address, from: page.address };
    port1.postMessage([
      null,
      { header: { ...header, target: "bye" }, body: "[1]", buffers: [] },
      [],
    ]);
    expect(await told).toBe(1);
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledTimes(2));
  });
});
