import { afterEach, describe, expect, it, vi } from "vitest";
import { newId } from "./ids";
import { Peer } from "./peer";
import { connectPort } from "./port";
import type { Frame } from "./protocol/frame";

const open: MessagePort[] = [];

function channel(): [MessagePort, MessagePort] {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  return [port1, port2];
}

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** Two peers whose frames go through a real MessageChannel. */
function peers() {
  const [port1, port2] = channel();
  const lose = { a: losing(port1), b: losing(port2) };
  const a: Peer = new Peer({ address: newId(), send: (frame, list) => linkA.send(frame, list) });
  const b: Peer = new Peer({ address: newId(), send: (frame, list) => linkB.send(frame, list) });
  const linkA = connectPort(port1, {
    onFrame: (frame) => a.receive(frame),
    onError: (error) => a.peerGone(b.address, error.message),
  });
  const linkB = connectPort(port2, {
    onFrame: (frame) => b.receive(frame),
    onError: (error) => b.peerGone(a.address, error.message),
  });
  return { a, b, linkB, port2, lose };
}

/** A way to make an error of the next message to this port, as browsers do; it gives the type of it. */
function losing(port: MessagePort): () => Promise<string> {
  let told: ((type: string) => void) | undefined;
  port.addEventListener("message", (event: MessageEvent<Frame>) => {
    if (told === undefined) return;
    event.stopImmediatePropagation();
    told(event.data.header.type);
    told = undefined;
    port.dispatchEvent(new MessageEvent("messageerror"));
  });
  return () =>
    new Promise((resolve) => {
      told = resolve;
    });
}

describe("connectPort", () => {
  it("carries calls with arrays and files", async () => {
    const { a, b } = peers();
    b.export("size", async (blob: Blob, array: Float32Array) => [blob.size, array.length]);
    const args = [new Blob(["hello"]), new Float32Array(1000)];
    await expect(a.call(b.address, "size", args)).resolves.toEqual([5, 1000]);
  });

  it("fails the call that was in a message which cannot be read, and no other", async () => {
    const { a, b, lose } = peers();
    b.export("never", () => new Promise(() => undefined));
    b.export("echo", (value: unknown) => value);
    const other = a.call(b.address, "never", []);
    await a.call(b.address, "echo", [1]);
    const lost = lose.b();
    const call = a.call(b.address, "never", ["lost"]);
    expect(await lost).toBe("call");
    await expect(call).rejects.toMatchObject({ code: "rpc.unserializable" });
    expect(await a.call(b.address, "echo", [2])).toBe(2);
    expect(await Promise.race([other, "it waits"])).toBe("it waits");
    other.catch(() => undefined); // it fails when the ports are closed
  });

  it("fails the call whose answer was in a message that cannot be read", async () => {
    const { a, b, lose } = peers();
    b.export("echo", (value: unknown) => value);
    const lost = lose.a();
    const call = a.call(b.address, "echo", [1]);
    expect(await lost).toBe("result");
    await expect(call).rejects.toMatchObject({ code: "rpc.unserializable" });
    expect(await a.call(b.address, "echo", [2])).toBe(2);
  });

  it("takes no word of a loss that cannot be", async () => {
    const { a, b, port2 } = peers();
    b.export("echo", (value: unknown) => value);
    for (const lost of [0, -1, 1.5, 99, Number.NaN, 2 ** 60]) port2.postMessage({ lost });
    expect(await a.call(b.address, "echo", [1])).toBe(1);
  });

  it("tells its owner about a message that is not a frame, and goes on", async () => {
    const [port1, port2] = channel();
    const onError = vi.fn();
    const arrived = new Promise<Frame>((resolve) =>
      connectPort(port2, { onFrame: resolve, onError }),
    );
    port1.postMessage("junk");
    const to = newId();
    const header = { type: "cancel", id: newId(), to, from: newId() } as const;
    connectPort(port1, { onFrame: vi.fn(), onError: vi.fn() }).send({
      header,
      body: "",
      buffers: [],
    });
    expect((await arrived).header).toEqual(header);
    expect(onError).toHaveBeenCalledOnce();
  });

  it("lets the calls end whose answer may have been in a message that was lost", async () => {
    const { a, b } = peers();
    b.export("never", () => new Promise(() => undefined));
    const promise = a.call(b.address, "never", []);
    const other = a.call(b.address, "never", []);
    a.messageLost(newId());
    a.messageLost(b.address);
    await expect(promise).rejects.toMatchObject({ code: "rpc.outcome_unknown" });
    await expect(other).rejects.toThrow(/lost on its way/);
    b.export("echo", (value: unknown) => value);
    expect(await a.call(b.address, "echo", [1])).toBe(1);
  });

  it("fails the calls that wait when the other side closes", async () => {
    const { a, b, linkB } = peers();
    b.export("never", () => new Promise(() => undefined));
    const promise = a.call(b.address, "never", []);
    linkB.close();
    await expect(promise).rejects.toMatchObject({ code: "rpc.peer_gone" });
    await expect(a.call(b.address, "never", [])).rejects.toMatchObject({ code: "rpc.peer_gone" });
  });

  it("rejects a call whose arguments the browser cannot copy", async () => {
    const { a, b } = peers();
    const moved = new Uint8Array(4);
    structuredClone(moved, { transfer: [moved.buffer] });
    await expect(a.call(b.address, "f", [moved])).rejects.toMatchObject({
      code: "rpc.unserializable",
    });
  });
});
