import { afterEach, describe, expect, it } from "vitest";
import { newId } from "./ids";
import { DIRECT_FROM, Parcels } from "./parcels";
import { Peer } from "./peer";
import type { Frame } from "./protocol/frame";

const open: MessagePort[] = [];

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** Two plugins that speak through a page which notes what passes it, and a straight way on demand. */
function house() {
  const passed: Frame[] = [];
  const peers = new Map<string, Parcels>();
  const make = () => {
    const address = newId();
    const parcels = new Parcels(
      (frame) => peer.receive(frame),
      (frame) => {
        passed.push(frame);
        const copy = structuredClone(frame);
        setTimeout(() => peers.get(frame.header.to)?.receive(copy), 0);
      },
    );
    const peer: Peer = new Peer({ address, send: parcels.send });
    peers.set(address, parcels);
    return { peer, parcels, address };
  };
  const [a, b] = [make(), make()];
  const introduce = () => {
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    a.parcels.connect(b.address, port1);
    b.parcels.connect(a.address, port2);
    return { port1, port2 };
  };
  return { a, b, passed, introduce };
}

const large = (value = 0) => new Uint8Array(DIRECT_FROM + 1).fill(value);
const isLarge = (value: number) => (array: Uint8Array) =>
  array.length === DIRECT_FROM + 1 && array.every((one) => one === value);
const bytes = (frames: Frame[]) =>
  frames.reduce((sum, { buffers }) => sum + buffers.reduce((s, one) => s + sizeOf(one), 0), 0);
const sizeOf = (part: Frame["buffers"][number]) =>
  part instanceof Blob ? part.size : part.byteLength;

describe("Parcels", () => {
  it("lead large arrays past the page, there and back, and nothing else", async () => {
    const { a, b, passed, introduce } = house();
    b.peer.export("echo", (value: unknown) => value);
    expect(await a.peer.call(b.address, "echo", [large(1)])).toSatisfy(isLarge(1));
    expect(bytes(passed)).toBeGreaterThan(2 * DIRECT_FROM);
    passed.length = 0;
    introduce();
    expect(await a.peer.call(b.address, "echo", [large(2)])).toSatisfy(isLarge(2));
    expect(bytes(passed)).toBe(0);
    expect(await a.peer.call(b.address, "echo", [new Uint8Array(3)])).toEqual(new Uint8Array(3));
    expect(bytes(passed)).toBe(6);
  });

  it("keep the order of large and small calls", async () => {
    const { a, b, introduce } = house();
    introduce();
    const seen: number[] = [];
    b.peer.export("note", (number: number) => seen.push(number));
    const calls: Promise<unknown>[] = [];
    for (let number = 0; number < 40; number += 1) {
      const more = number % 3 === 0 ? [large(number)] : [];
      calls.push(a.peer.call(b.address, "note", [number, ...more]));
    }
    await Promise.all(calls);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, number) => number));
  });

  it("fail the call whose arrays could not be read, and no other", async () => {
    const { a, b, introduce } = house();
    const { port2 } = introduce();
    b.peer.export("size", (array: Uint8Array) => array.length);
    const take = port2.onmessage as (event: MessageEvent) => void;
    port2.onmessage = () => {
      port2.onmessage = take;
      port2.onmessageerror?.(new MessageEvent("messageerror"));
    };
    await expect(a.peer.call(b.address, "size", [large()])).rejects.toMatchObject({
      code: "rpc.unserializable",
    });
    expect(await a.peer.call(b.address, "size", [large()])).toBe(DIRECT_FROM + 1);
  });

  it("fail what waits for a plugin that has gone, and take no parcel of a stranger", async () => {
    const { a, b, introduce } = house();
    const { port2 } = introduce();
    b.peer.export("size", (array: Uint8Array) => array.length);
    port2.onmessage = () => undefined; // it never comes
    const call = a.peer.call(b.address, "size", [large()]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const header = { type: "gone", to: b.address, from: a.address, peer: a.address } as const;
    b.parcels.receive({ header: { ...header, reason: "closed" }, body: "", buffers: [] });
    await expect(call).rejects.toMatchObject({ code: "rpc.unserializable" });
    await expect(a.peer.call(b.address, "size", [large()])).rejects.toMatchObject({
      code: "rpc.unserializable",
    });
  });

  it("end the straight way of one who sends parcels that nobody asked for", async () => {
    const { a, b, introduce } = house();
    const { port1 } = introduce();
    for (let number = 0; number < 300; number += 1) port1.postMessage({ parcel: 1, buffers: [] });
    await new Promise((resolve) => setTimeout(resolve, 50));
    b.peer.export("size", (array: Uint8Array) => array.length);
    expect(await b.peer.call(a.address, "nothing", []).catch(({ code }) => code)).toBe(
      "rpc.method_not_found",
    );
    await expect(a.peer.call(b.address, "size", [large()])).rejects.toThrow(/did not arrive/);
  });
});
