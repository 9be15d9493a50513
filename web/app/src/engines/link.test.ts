/** A link to an engine that is a session of its own, over sockets that can be cut. */
import { type AnyFrame, type Frame, newId, Peer, Session } from "@imjoy/rpc";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type PageIdentity, takeIdentity } from "./identity";
import { EngineLink, type KeptCall } from "./link";
import type { SocketEvents, Welcome } from "./socket";

const now = () => performance.now() / 1000;
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

/** An engine with one page: it answers as the Python one does. */
class FakeEngine {
  address = newId();
  readonly peer = new Peer({
    address: this.address,
    send: (frame) => this.page?.send(frame, now()),
  });
  page: Session | null = null;
  key = newId();
  socket: SocketEvents | null = null;
  refuse: string | null = null;
  hellos: Record<string, unknown>[] = [];

  connect(hello: Record<string, unknown>, events: SocketEvents) {
    this.hellos.push(hello.session as Record<string, unknown>);
    const transport = {
      send: (frame: AnyFrame) => {
        const copy = structuredClone(frame);
        setTimeout(() => this.socket === events && this.page?.receive(copy, now()));
      },
      close: () => {
        if (this.socket === events) this.cut();
      },
    };
    setTimeout(() => {
      if (this.refuse !== null) events.onRefused(this.refuse);
      else this.accept(hello.session as Record<string, unknown>, events);
    });
    return transport;
  }

  private accept(wanted: Record<string, unknown>, events: SocketEvents): void {
    this.socket = events;
    const resumed = this.page !== null && wanted.key === this.key;
    const calls: KeptCall[] = [];
    if (resumed && wanted.fresh) this.page?.reset();
    if (!resumed) {
      this.page = new Session({
        write: (frame) => {
          const copy = structuredClone(frame);
          const { socket } = this;
          setTimeout(() => this.socket === socket && socket?.onFrame(copy));
        },
        deliver: (frame) => this.peer.receive(frame),
        now: now(),
      });
    }
    const session = { id: "s", received: this.page?.received ?? 0, resumed, calls };
    events.onWelcome({
      protocol: 1,
      peer: this.address,
      version: "1",
      session: resumed ? session : { ...session, key: this.key },
    } as Welcome);
    this.page?.opened(resumed && !wanted.fresh ? wanted.received : 0, now());
  }

  cut(): void {
    const { socket } = this;
    this.socket = null;
    this.page?.closed();
    socket?.onLost();
  }
}

/** A file that was deleted after it was chosen. */
class LostFile extends Blob {
  readonly #size: number;
  constructor(size: number) {
    super();
    this.#size = size;
  }
  override get size(): number {
    return this.#size;
  }
  override slice(start = 0, end = this.#size): Blob {
    return new LostFile(end - start);
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new DOMException("It is gone.", "NotReadableError"));
  }
}

let link: EngineLink | null = null;
afterEach(() => link?.close());

function open(engine: FakeEngine, identity: PageIdentity = takeIdentity(null)) {
  const told: string[] = [];
  const peer: Peer = new Peer({
    address: identity.address,
    send: (frame) => link?.send(frame),
  });
  link = new EngineLink({
    identity,
    connect: (hello, events) => engine.connect(hello, events),
    events: {
      onWelcome: (_, resumed) => told.push(resumed ? "resumed" : "new"),
      onFrame: (frame: Frame) => peer.receive(frame),
      onCatchingUp: () => undefined,
      onWaiting: () => told.push("waiting"),
      onRefused: (code) => told.push(code),
      onGivenUp: () => told.push("given up"),
    },
  });
  return { peer, told, identity };
}

describe("EngineLink", () => {
  it("loses no call and repeats none, however often the socket is cut", async () => {
    const engine = new FakeEngine();
    const effects: number[] = [];
    engine.peer.export("add", (item: number) => effects.push(item));
    const { peer, told } = open(engine);
    await soon();
    const calls: Promise<unknown>[] = [];
    for (let item = 0; item < 40; item += 1) {
      calls.push(peer.call(engine.address, "add", [item]));
      await soon();
      if (item % 10 !== 5) continue;
      engine.cut();
      if (item === 15) await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(await Promise.all(calls)).toEqual(effects.map((_, index) => index + 1));
    expect(effects).toEqual([...Array(40).keys()]);
    expect(told.filter((word) => word === "new")).toHaveLength(1);
    expect(told.filter((word) => word === "resumed").length).toBeGreaterThan(1);
    expect(engine.hellos.map(({ generation }) => generation)).toEqual(
      engine.hellos.map((_, index) => index + 1),
    );
  });

  it("tells how many bytes of a large call have moved, both ways", async () => {
    const engine = new FakeEngine();
    engine.peer.export("echo", (data: ArrayBuffer) => data);
    const { peer } = open(engine);
    if (link) link.session.onProgress = (...facts) => peer.transferred(...facts);
    await soon();
    const told: [string, number, number][] = [];
    const size = 3 * 1024 * 1024;
    const data = await peer.call(engine.address, "echo", [new ArrayBuffer(size)], {
      onTransfer: (...facts) => told.push(facts),
    });
    expect((data as ArrayBuffer).byteLength).toBe(size);
    const sent = told.filter(([what]) => what === "sent").map(([, done]) => done);
    const received = told.filter(([what]) => what === "received").map(([, done]) => done);
    expect(sent).toHaveLength(6);
    expect(sent.at(-1)).toBe(size);
    expect(received.at(-1)).toBe(size);
    expect(told.every(([, , total]) => total === size)).toBe(true);
  });

  it("sends parts in memory that can grow as parts that cannot", async () => {
    const engine = new FakeEngine();
    const got: Frame[] = [];
    engine.peer.receive = (frame) => got.push(frame);
    open(engine);
    await soon();
    const growing = { maxByteLength: 8 };
    const memory = new ArrayBuffer(4, growing);
    const header = { type: "call", id: newId(), to: engine.address, from: newId(), target: "x" };
    const buffers = [memory, new Uint8Array(memory)];
    link?.send({ header: header as Frame["header"], body: "[]", buffers });
    await vi.waitFor(() => expect(got).toHaveLength(1));
    const parts = got[0]?.buffers as { resizable?: boolean; byteLength: number }[];
    expect(parts.map(({ resizable, byteLength }) => [resizable, byteLength])).toEqual([
      [false, 4],
      [false, 4],
    ]);
  });

  it("ends the calls of files that can no longer be read, whatever their size", async () => {
    const engine = new FakeEngine();
    engine.peer.export("size", (data: Blob | ArrayBuffer) =>
      data instanceof Blob ? data.size : data.byteLength,
    );
    const { peer } = open(engine);
    await soon();
    peer.export("file", (size: number) => new LostFile(size));
    const call = (value: unknown) => peer.call(engine.address, "size", [value]);
    for (const size of [1000, 3 * 1024 * 1024, 30 * 1024 * 1024]) {
      const failure = { code: "rpc.unserializable", message: /A file could not be read/ };
      const lost = call(new LostFile(size));
      const after = call(new ArrayBuffer(2 * 1024 * 1024));
      await expect(lost).rejects.toMatchObject({ code: failure.code });
      await expect(lost).rejects.toThrow(failure.message);
      await expect(after).resolves.toBe(2 * 1024 * 1024);
      const given = engine.peer.call(peer.address, "file", [size]);
      await expect(given).rejects.toThrow(failure.message);
    }
    engine.cut();
    await expect(call(new ArrayBuffer(8))).resolves.toBe(8);
  });

  it("waits ever longer while connections end as soon as they are open", async () => {
    const engine = new FakeEngine();
    const waited: number[] = [];
    let began = 0;
    const identity = takeIdentity(null);
    link = new EngineLink({
      identity,
      connect: (hello, events) => {
        if (began > 0) waited.push(performance.now() - began);
        return engine.connect(hello, {
          ...events,
          onWelcome: (welcome) => {
            events.onWelcome(welcome);
            began = performance.now();
            engine.cut();
          },
        });
      },
      events: {
        onWelcome: () => undefined,
        onFrame: () => undefined,
        onCatchingUp: () => undefined,
        onWaiting: () => undefined,
        onRefused: () => undefined,
        onGivenUp: () => undefined,
      },
    });
    await vi.waitFor(() => expect(waited.length).toBe(3), { timeout: 4000 });
    expect(waited[2]).toBeGreaterThan(450); // the third wait is of 500 to 1000 ms
  });

  it("says that it begins anew when the engine does not know it", async () => {
    const engine = new FakeEngine();
    const { told } = open(engine);
    await soon();
    engine.page = null;
    engine.key = newId();
    engine.cut();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(told).toEqual(["new", "waiting", "new"]);
  });

  it("tells the engine once that the page was loaded again", async () => {
    const engine = new FakeEngine();
    const { identity } = open(engine);
    await soon();
    link?.close();
    const { told } = open(engine, { ...identity, fresh: true });
    await soon();
    expect(told).toEqual(["resumed"]);
    engine.cut();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(engine.hellos.map(({ fresh }) => fresh)).toEqual([false, true, false]);
  });

  it("tries no more once it was refused", async () => {
    const engine = new FakeEngine();
    engine.refuse = "auth.bad_token";
    const { told } = open(engine);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(told).toEqual(["auth.bad_token"]);
  });

  it("fails a call whose file cannot be read, and goes on", async () => {
    const engine = new FakeEngine();
    engine.peer.export("size", (file: Blob) => file.size);
    const { peer } = open(engine);
    class Gone extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        return Promise.reject(new Error("it was removed"));
      }
    }
    await soon();
    await expect(peer.call(engine.address, "size", [new Gone(["abc"])])).rejects.toThrow(/read/);
    expect(await peer.call(engine.address, "size", [new Blob(["abc"])])).toBe(3);
  });
});
