import { describe, expect, it, vi } from "vitest";
import { RpcError } from "./errors";
import { newId } from "./ids";
import type { Frame } from "./protocol/frame";
import { Router } from "./router";
import { joinPages, MemoryPage, settle } from "./testing";

type Fields = Record<string, unknown>;

function frame(header: Fields, body = "[]", buffers: ArrayBuffer[] = []): Frame {
  return { header: header as unknown as Frame["header"], body, buffers };
}

function callFrame(from: string, to: string, more: Fields = {}): Frame {
  return frame({ type: "call", id: newId(), from, to, target: "f", ...more });
}

/** A router with one child and one engine, whose frames are recorded. */
function network() {
  const router = new Router(newId());
  const child = `${router.address}/${newId()}`;
  const engine = newId();
  const toChild = vi.fn();
  const toEngine = vi.fn();
  router.attach(child, toChild);
  router.attach(engine, toEngine, { tree: true });
  return { router, child, engine, toChild, toEngine };
}

const sentHeader = (send: ReturnType<typeof vi.fn>, index = 0) =>
  (send.mock.calls[index]![0] as Frame).header as unknown as Fields;

describe("the sender of a frame", () => {
  it("is overwritten on the link of one peer", () => {
    const { router, child, engine, toEngine } = network();
    router.route(callFrame(newId(), engine), child);
    expect(sentHeader(toEngine).from).toBe(child);
  });

  it("is kept on the link of a tree when it is in that tree", () => {
    const { router, child, engine, toChild } = network();
    const worker = `${engine}/${newId()}`;
    router.route(callFrame(worker, child), engine);
    expect(sentHeader(toChild).from).toBe(worker);
  });

  it("makes the frame drop when it is from outside the tree of the link", () => {
    const { router, child, engine, toChild, toEngine } = network();
    for (const from of [newId(), child, router.address, `${engine}x`, "", "__proto__"]) {
      router.route(callFrame(from, child), engine);
    }
    expect(toChild).not.toHaveBeenCalled();
    expect(toEngine).not.toHaveBeenCalled();
  });
});

describe("the way of a frame", () => {
  it("leads below an engine by the first segment of the address", () => {
    const { router, child, engine, toEngine } = network();
    const sent = callFrame(child, `${engine}/${newId()}`);
    router.route(sent, child);
    expect(toEngine).toHaveBeenCalledOnce();
  });

  it("never opens body or buffers, and moves the buffers", () => {
    const { router, child, engine, toChild } = network();
    const buffer = new ArrayBuffer(4);
    const header = { type: "result", id: newId(), from: engine, to: child };
    router.route(frame(header, "this is not JSON", [buffer, buffer]), engine);
    const [sent, transfer] = toChild.mock.calls[0] as [Frame, Transferable[]];
    expect(sent.body).toBe("this is not JSON");
    expect(transfer).toEqual([buffer]);
  });

  it("ends with rpc.peer_unknown for a call to nobody, and silently for the rest", () => {
    const { router, child, toChild } = network();
    for (const to of [newId(), `${router.address}/${newId()}`, router.address]) {
      toChild.mockClear();
      const call = callFrame(child, to);
      router.route(call, child);
      const answer = toChild.mock.calls[0]?.[0] as Frame;
      const { id } = call.header as { id: string };
      expect(answer.header).toEqual({ type: "error", id, to: child, from: router.address });
      expect((JSON.parse(answer.body) as RpcError).code).toBe("rpc.peer_unknown");
    }
    toChild.mockClear();
    router.route(frame({ type: "cancel", id: newId(), from: child, to: newId() }, ""), child);
    expect(toChild).not.toHaveBeenCalled();
  });

  it("ends with an error when the link of the receiver is broken", () => {
    const { router, child, engine, toChild, toEngine } = network();
    toEngine.mockImplementation(() => {
      throw new RpcError("rpc.peer_gone", "The connection is closed.");
    });
    router.route(callFrame(child, engine), child);
    const answer = toChild.mock.calls[0]?.[0] as Frame;
    expect(JSON.parse(answer.body)).toMatchObject({ code: "rpc.peer_gone" });
  });

  it("turns an answer that the browser cannot copy into an error of its call", () => {
    const { router, child, engine, toChild, toEngine } = network();
    toChild.mockImplementationOnce(() => {
      throw new DOMException("The memory is moved.", "DataCloneError");
    });
    const answer = frame({ type: "result", id: newId(), from: engine, to: child }, "1");
    router.route(answer, engine);
    expect(toEngine).not.toHaveBeenCalled();
    const { header, body } = toChild.mock.calls[1]![0] as Frame;
    expect(header).toEqual({ ...answer.header, type: "error" });
    expect(JSON.parse(body)).toMatchObject({ code: "rpc.unserializable" });
    router.route(frame({ type: "result", id: newId(), from: child, to: newId() }, "1"), child);
    expect(toChild).toHaveBeenCalledTimes(2);
  });

  it("ends with protocol.malformed for a call of which only the caller can be seen", () => {
    const { router, child, engine, toChild, toEngine } = network();
    const id = newId();
    const bad = { type: "call", id, to: engine, from: child, target: 7 };
    router.route(frame(bad), child);
    expect(sentHeader(toChild)).toEqual({ type: "error", id, to: child, from: router.address });
    expect(JSON.parse((toChild.mock.calls[0]![0] as Frame).body).code).toBe("protocol.malformed");
    for (const wrong of [{ id: "short" }, { from: engine }, { from: 3 }]) {
      router.route(frame({ ...bad, ...wrong }), child);
    }
    expect(toChild).toHaveBeenCalledTimes(1);
    expect(toEngine).not.toHaveBeenCalled();
  });

  it("survives frames that are not frames", () => {
    const { router, child, toChild, toEngine } = network();
    const header = callFrame(child, newId()).header;
    const junk: unknown[] = [
      null,
      7,
      {},
      { header },
      { header, body: 5, buffers: [] },
      { header, body: "", buffers: {} },
      { header: { ...header, to: 5 }, body: "", buffers: [] },
      { header: { ...header, to: "__proto__" }, body: "", buffers: [] },
      { header: { ...header, type: "constructor" }, body: "", buffers: [] },
      { header: { ...header, id: {} }, body: "", buffers: [] },
    ];
    for (const data of junk) expect(() => router.route(data as Frame, child)).not.toThrow();
    expect(() => router.route(callFrame(child, newId()), "unknown link")).not.toThrow();
    expect(toEngine).not.toHaveBeenCalled();
    for (const [sent] of toChild.mock.calls) expect((sent as Frame).header.type).toBe("error");
  });
});

describe("gone", () => {
  it("is told to every remaining link and to the local peer", () => {
    const { router, child, engine, toChild, toEngine } = network();
    const page = new MemoryPage();
    const local = vi.spyOn(page.peer, "peerGone");
    router.local = page.peer;
    router.detach(child, "closed");
    expect(local).toHaveBeenCalledWith(child, "closed", {});
    expect(sentHeader(toEngine)).toEqual({
      type: "gone",
      to: engine,
      from: router.address,
      peer: child,
      reason: "closed",
    });
    expect(toChild).not.toHaveBeenCalled();
  });

  it("is passed on from an engine about its own workers, once", () => {
    const { router, child, engine, toChild, toEngine } = network();
    const peer = `${engine}/${newId()}`;
    const gone = { type: "gone", from: engine, to: router.address, peer, reason: "crashed" };
    router.route(frame(gone, ""), engine);
    router.route(frame(gone, ""), engine);
    expect(toChild).toHaveBeenCalledOnce();
    expect(sentHeader(toChild)).toMatchObject({ type: "gone", peer, to: child });
    expect(toEngine).not.toHaveBeenCalled();
  });

  it("is not believed from a plugin, nor from an engine about others", () => {
    const { router, child, engine, toChild, toEngine } = network();
    const other = newId();
    const toOther = vi.fn();
    router.attach(other, toOther, { tree: true });
    const gone = { type: "gone", to: router.address, reason: "?" };
    router.route(frame({ ...gone, from: child, peer: engine }, ""), child);
    router.route(frame({ ...gone, from: engine, peer: child }, ""), engine);
    router.route(frame({ ...gone, from: engine, peer: router.address }, ""), engine);
    router.route(frame({ ...gone, from: engine, peer: other }, ""), engine);
    for (const send of [toChild, toEngine, toOther]) expect(send).not.toHaveBeenCalled();
  });

  it("can happen again to an engine that came back", () => {
    const { router, engine, toChild } = network();
    for (let round = 1; round <= 2; round += 1) {
      router.detach(engine, "connection lost");
      expect(toChild).toHaveBeenCalledTimes(round);
      router.attach(engine, vi.fn(), { tree: true });
    }
  });
});

describe("two pages joined as page and engine", () => {
  it("let a plugin of one use a callback of a worker of the other", async () => {
    const page = new MemoryPage();
    const engine = new MemoryPage();
    joinPages(page, engine);
    const plugin = page.child();
    const worker = engine.child();
    const steps: number[] = [];
    worker.export("run", async (progress: (n: number) => Promise<unknown>, image: Uint8Array) => {
      await progress(1);
      await progress(2);
      return image.reverse();
    });
    const result = await plugin.call(worker.address, "run", [
      (n: number) => steps.push(n),
      new Uint8Array([1, 2]),
    ]);
    expect(result).toEqual(new Uint8Array([2, 1]));
    expect(steps).toEqual([1, 2]);
  });

  it("fail the calls to a worker that ends, and to all workers when the engine goes", async () => {
    const page = new MemoryPage();
    const engine = new MemoryPage();
    joinPages(page, engine);
    const plugin = page.child();
    const [first, second] = [engine.child(), engine.child()];
    for (const worker of [first, second]) worker.export("f", () => new Promise(() => undefined));
    const outcome = (promise: Promise<unknown>) =>
      promise.catch((error: RpcError) => [error.code, error.message]);
    const one = outcome(plugin.call(first.address, "f", []));
    const two = outcome(page.peer.call(second.address, "f", []));
    await settle();
    engine.router.detach(first.address, "The process was killed.");
    expect(await one).toEqual(["rpc.peer_gone", "The process was killed."]);
    page.router.detach(engine.router.address, "The engine was stopped.");
    expect(await two).toEqual(["rpc.peer_gone", "The engine was stopped."]);
  });

  it("answer a call to a worker that never was", async () => {
    const page = new MemoryPage();
    const engine = new MemoryPage();
    joinPages(page, engine);
    const to = `${engine.router.address}/${newId()}`;
    await expect(page.child().call(to, "f", [])).rejects.toMatchObject({
      code: "rpc.peer_unknown",
    });
    await expect(page.peer.call(to, "f", [])).rejects.toMatchObject({ code: "rpc.peer_unknown" });
    await expect(page.peer.call(newId(), "f", [])).rejects.toMatchObject({
      code: "rpc.peer_unknown",
    });
  });
});
