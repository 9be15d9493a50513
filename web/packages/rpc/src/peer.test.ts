import { describe, expect, it, vi } from "vitest";
import { RpcError } from "./errors";
import type { CallContext } from "./exports";
import { newId } from "./ids";
import { NdArray } from "./nd-array";
import { Peer } from "./peer";
import type { Frame } from "./protocol/frame";
import type { RemoteFunction } from "./remote";
import { MemoryPage, settle } from "./testing";

function pair() {
  const page = new MemoryPage();
  return { page, a: page.child(), b: page.child() };
}

async function failure(promise: Promise<unknown>): Promise<RpcError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RpcError);
  return error as RpcError;
}

describe("calls", () => {
  it("runs an exported function and gives its result", async () => {
    const { a, b } = pair();
    b.export("add", (x: number, y: number) => x + y);
    await expect(a.call(b.address, "add", [2, 3])).resolves.toBe(5);
  });

  it("answers many calls at once, each with its own result", async () => {
    const { a, b } = pair();
    b.export("echo", async (x: number) => {
      await settle();
      return x;
    });
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const results = await Promise.all(numbers.map((n) => a.call(b.address, "echo", [n])));
    expect(results).toEqual(numbers);
  });

  it("gives omitted arguments at the end to the defaults of the function", async () => {
    const { a, b } = pair();
    b.export("greet", (name = "nobody") => name);
    await expect(a.call(b.address, "greet", [undefined])).resolves.toBe("nobody");
  });

  it("copies the arrays of arguments: the caller keeps its own", async () => {
    const { a, b } = pair();
    b.export("fill", (array: Uint8Array) => array.fill(9));
    const mine = new Uint8Array([1, 2, 3]);
    await expect(a.call(b.address, "fill", [mine])).resolves.toEqual(new Uint8Array([9, 9, 9]));
    expect(mine).toEqual(new Uint8Array([1, 2, 3]));
  });

  it("copies the arrays of results: a function may return the same one again", async () => {
    const { a, b } = pair();
    const kept = NdArray.from(new Float32Array([1, 2]), [2]);
    b.export("get", () => kept);
    for (let i = 0; i < 2; i += 1) {
      const got = (await a.call(b.address, "get", [])) as NdArray;
      expect(got.data).toEqual(new Float32Array([1, 2]));
    }
  });

  it("sends memory that can grow as memory that cannot, which is all that sockets take", async () => {
    const sent: Frame[] = [];
    const peer = new Peer({ address: newId(), send: (frame) => sent.push(frame) });
    const growing = { maxByteLength: 8 };
    // @ts-expect-error: newer than the library of types
    const array = new Uint8Array(new ArrayBuffer(4, growing)).fill(2);
    void peer.call(newId(), "sum", [array]);
    const part = sent[0]?.buffers[0] as (ArrayBuffer & { resizable?: boolean }) | undefined;
    expect(part?.resizable).toBe(false);
    expect([...new Uint8Array(part ?? new ArrayBuffer(0))]).toEqual([2, 2, 2, 2]);
  });

  it("moves the arrays of results that are given away", async () => {
    const { a, b } = pair();
    const first = new Uint8Array(8);
    const second = new Uint8Array(8);
    b.export("take", () => first, { transferResult: true });
    b.export("marked", () => ({ _transfer: true, second }));
    await a.call(b.address, "take", []);
    await a.call(b.address, "marked", []);
    expect([first.byteLength, second.byteLength]).toEqual([0, 0]);
  });

  it("moves an array that occurs twice in a result only once", async () => {
    const { a, b } = pair();
    b.export(
      "twice",
      () => {
        const array = new Uint8Array([1, 2]);
        return [array, array, array.subarray(1)];
      },
      { transferResult: true },
    );
    const got = (await a.call(b.address, "twice", [])) as Uint8Array[];
    expect(got.map((array) => [...array])).toEqual([[1, 2], [1, 2], [2]]);
  });

  it("calls itself with copies", async () => {
    const { a } = pair();
    const mine = new Uint8Array([1]);
    a.export("fill", (array: Uint8Array) => array.fill(7)[0]);
    await expect(a.call(a.address, "fill", [mine])).resolves.toBe(7);
    expect(mine[0]).toBe(1);
  });

  it("tells the function who calls it", async () => {
    const { a, b } = pair();
    b.export("who", (context: CallContext, text: string) => [context.from, text], {
      withCaller: true,
    });
    await expect(a.call(b.address, "who", ["x"])).resolves.toEqual([a.address, "x"]);
  });

  it("marks keyword arguments in the header", async () => {
    const frames: Frame[] = [];
    const peer = new Peer({ address: newId(), send: (frame) => frames.push(frame) });
    void peer.call(newId(), "f", [1, { x: 2 }], { kwargs: true });
    void peer.remote(newId(), "f")(1, { x: 2, _rkwargs: true });
    expect(
      frames.map(({ header, body }) => [header.type === "call" && header.kwargs, body]),
    ).toEqual([
      [true, '[1,{"x":2}]'],
      [true, '[1,{"x":2}]'],
    ]);
  });
});

describe("names", () => {
  const attacks = [
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "api",
    "api.alert.call",
  ];

  it.each(attacks)("does not find %s", async (name) => {
    const { a, b } = pair();
    b.export("api.alert", () => "shown");
    expect((await failure(a.call(b.address, name, []))).code).toBe("rpc.method_not_found");
  });

  it("takes dots as plain characters", async () => {
    const { a, b } = pair();
    b.export("api.alert", () => "shown");
    await expect(a.call(b.address, "api.alert", [])).resolves.toBe("shown");
  });

  it("takes an exported name back", async () => {
    const { a, b } = pair();
    b.export("f", () => 1);
    b.unexport("f");
    expect((await failure(a.call(b.address, "f", []))).code).toBe("rpc.method_not_found");
  });
});

describe("errors", () => {
  it("turns an exception of a plugin into plugin.error with its stack", async () => {
    const { a, b } = pair();
    b.export("fail", () => {
      throw new TypeError("no image is open");
    });
    const error = await failure(a.call(b.address, "fail", []));
    expect(error).toMatchObject({
      code: "plugin.error",
      remoteName: "TypeError",
      message: "no image is open",
    });
    expect(error.traceback).toContain("peer.test.ts");
  });

  it("keeps code and data of an RpcError over several peers", async () => {
    const { a, b, page } = pair();
    const c = page.child();
    c.export("fail", () => {
      throw new RpcError("env.conflict", "numpy contradicts itself", { data: { step: "plan" } });
    });
    b.export("pass", () => b.call(c.address, "fail", []));
    const error = await failure(a.call(b.address, "pass", []));
    expect(error).toMatchObject({ code: "env.conflict", data: { step: "plan" } });
  });

  it.each([["text"], [undefined], [null], [42]])("survives that %s is thrown", async (thrown) => {
    const { a, b } = pair();
    b.export("fail", () => {
      throw thrown;
    });
    expect(await failure(a.call(b.address, "fail", []))).toMatchObject({
      code: "plugin.error",
      message: String(thrown),
    });
  });

  it("rejects arguments and results that cannot travel", async () => {
    const { a, b } = pair();
    b.export("id", (x: unknown) => x);
    b.export("promise", () => ({ later: Promise.resolve() }));
    expect((await failure(a.call(b.address, "id", [/x/]))).code).toBe("rpc.unserializable");
    expect((await failure(a.call(b.address, "promise", []))).code).toBe("rpc.unserializable");
  });

  it("fails a call whose link refuses the frame", async () => {
    const peer = new Peer({
      address: newId(),
      send: () => {
        throw new Error("DataCloneError");
      },
    });
    expect((await failure(peer.call(newId(), "f", [() => 1]))).code).toBe("rpc.unserializable");
  });

  it("answers a call that cannot be decoded with the reason", async () => {
    const sent: Frame[] = [];
    const peer = new Peer({ address: newId(), send: (frame) => sent.push(frame) });
    const from = newId();
    for (const body of ["{", '[{"$":"nonsense"}]', "5"]) {
      const header = { type: "call", id: newId(), to: peer.address, from, target: "f" } as const;
      peer.receive({ header, body, buffers: [] });
    }
    await settle();
    const codes = sent.map((frame) => (JSON.parse(frame.body) as { code: string }).code);
    expect(codes.slice(0, 2)).toEqual(["protocol.malformed", "protocol.unknown_tag"]);
    expect(sent).toHaveLength(3);
  });

  it("survives frames that are not frames", () => {
    const peer = new Peer({ address: newId(), send: () => undefined });
    const junk = [null, 5, {}, { header: null, body: "", buffers: [] }, { header: { type: "x" } }];
    for (const frame of junk) expect(() => peer.receive(frame as never)).not.toThrow();
  });

  it("believes an answer only from the callee or a router on the way", async () => {
    const sent: Frame[] = [];
    const root = newId();
    const peer = new Peer({ address: `${root}/${newId()}`, send: (frame) => sent.push(frame) });
    const callee = `${newId()}/${newId()}`;
    const promise = peer.call(callee, "f", []);
    const { id } = sent[0]!.header as { id: string };
    const answer = (from: string, body: string) =>
      peer.receive({ header: { type: "result", id, to: peer.address, from }, body, buffers: [] });
    answer(newId(), '"forged"');
    answer(callee, '"true"');
    await expect(promise).resolves.toBe("true");
  });
});

describe("functions as values", () => {
  it("calls back as often as it likes", async () => {
    const { a, b } = pair();
    b.export("count", async (report: RemoteFunction) => {
      for (let i = 0; i < 1000; i += 1) await report(i);
    });
    const seen: number[] = [];
    await a.call(b.address, "count", [(n: number) => seen.push(n)]);
    expect(seen).toHaveLength(1000);
    expect(seen[999]).toBe(999);
  });

  it("gives an object with methods, which act on the original", async () => {
    const { a, b } = pair();
    class Counter {
      name = "c";
      private _secret = 1;
      #n = 0;
      increase(by: number) {
        this.#n += by;
        return this.#n;
      }
      _hidden() {
        return this._secret;
      }
    }
    b.export("make", () => new Counter());
    const remote = (await a.call(b.address, "make", [])) as Record<string, RemoteFunction>;
    expect(Object.keys(remote).sort()).toEqual(["increase", "name"]);
    await remote.increase?.(2);
    await expect(remote.increase?.(3)).resolves.toBe(5);
  });

  it("keeps `this` of methods in plain objects", async () => {
    const { a, b } = pair();
    b.export("make", () => ({
      n: 1,
      next(this: { n: number }) {
        this.n += 1;
        return this.n;
      },
    }));
    const remote = (await a.call(b.address, "make", [])) as { next: RemoteFunction };
    await remote.next();
    await expect(remote.next()).resolves.toBe(3);
  });

  it("gives the same proxy for the same function, and the original to its owner", async () => {
    const { a, b } = pair();
    const fn = () => 1;
    const seen: unknown[] = [];
    b.export("keep", (f: unknown) => {
      seen.push(f);
      return f;
    });
    await expect(a.call(b.address, "keep", [fn])).resolves.toBe(fn);
    await a.call(b.address, "keep", [fn]);
    expect(seen[0]).toBe(seen[1]);
  });

  it("passes a function on: the third peer calls its owner, not the one between", async () => {
    const { a, b, page } = pair();
    const c = page.child();
    c.export("use", (f: RemoteFunction) => f(20));
    b.export("pass", (f: RemoteFunction) => b.call(c.address, "use", [f]));
    const calls = vi.fn((x: number) => x * 2);
    await expect(a.call(b.address, "pass", [calls])).resolves.toBe(40);
    const toA = page.sent.filter((header) => header.type === "call" && header.to === a.address);
    expect(toA.map((header) => header.from)).toEqual([c.address]);
  });

  it("never makes a promise of data that has a function called then", async () => {
    const { a, b } = pair();
    b.export("trap", () => ({ inner: { then: () => undefined }, x: 1 }));
    b.export("inner", () => [{ then: () => undefined }]);
    await expect(a.call(b.address, "trap", [])).resolves.toEqual({ inner: {}, x: 1 });
    await expect(a.call(b.address, "inner", [])).resolves.toEqual([{}]);
  });
});

describe("cancelling", () => {
  function patient() {
    const { a, b, page } = pair();
    let context: CallContext | undefined;
    const started = new Promise<void>((resolve) => {
      b.export(
        "wait",
        (caller: CallContext) => {
          context = caller;
          resolve();
          return new Promise((_, reject) => {
            caller.signal.addEventListener("abort", () =>
              reject(new DOMException("stopped", "AbortError")),
            );
          });
        },
        { withCaller: true },
      );
    });
    return { a, b, page, started, signal: () => context?.signal };
  }

  it("rejects here and aborts there", async () => {
    const { a, b, started, signal } = patient();
    const controller = new AbortController();
    const promise = a.call(b.address, "wait", [], { signal: controller.signal });
    await started;
    controller.abort();
    expect((await failure(promise)).code).toBe("rpc.cancelled");
    await settle();
    expect(signal()?.aborted).toBe(true);
  });

  it("answers a cancelled call that stopped with rpc.cancelled", async () => {
    const { page, a, b, started } = patient();
    const controller = new AbortController();
    const promise = a.call(b.address, "wait", [], { signal: controller.signal });
    await started;
    controller.abort();
    await failure(promise);
    await settle();
    expect(page.sent.map((header) => header.type)).toEqual(["call", "cancel", "error"]);
  });

  it("gives up after the timeout and cancels the call", async () => {
    const { a, b, signal } = patient();
    const error = await failure(a.call(b.address, "wait", [], { timeout: 10 }));
    expect(error.code).toBe("rpc.timeout");
    await settle();
    expect(signal()?.aborted).toBe(true);
  });

  it("is what a signal among the arguments is for, which is not sent", async () => {
    const { a, b } = pair();
    const seen: unknown[][] = [];
    b.export("wait", (...args: unknown[]) => {
      seen.push(args);
      const { signal } = b;
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    });
    const wait = a.remote(b.address, "wait");
    for (const args of [(s: AbortSignal) => [1, s], (s: AbortSignal) => [1, { signal: s }]]) {
      const controller = new AbortController();
      const call = wait(...args(controller.signal));
      await settle();
      controller.abort();
      expect(await failure(call)).toMatchObject({ code: "rpc.cancelled" });
    }
    const both = wait({ sigma: 2, signal: AbortSignal.timeout(20) }, new AbortController().signal);
    expect(await failure(both)).toMatchObject({ code: "rpc.timeout" });
    const named = wait({ sigma: 2, signal: AbortSignal.timeout(1), _rkwargs: true });
    expect(await failure(named)).toMatchObject({ code: "rpc.timeout" });
    expect(seen).toEqual([[1], [1], [{ sigma: 2 }], [{ sigma: 2 }]]);
    b.export("echo", (value: unknown) => value);
    const plain = { signal: "no AbortSignal" };
    await expect(a.call(b.address, "echo", [plain])).resolves.toEqual(plain);
  });

  it("does not start a call that is already cancelled", async () => {
    const { page, a, b } = patient();
    const promise = a.call(b.address, "wait", [], { signal: AbortSignal.abort() });
    expect((await failure(promise)).code).toBe("rpc.cancelled");
    expect(page.sent).toEqual([]);
  });

  it("cannot be cancelled by somebody else", async () => {
    const { page, a, b, started, signal } = patient();
    void a.call(b.address, "wait", []);
    await started;
    const call = page.sent[0] as { id: string };
    b.receive({
      header: { type: "cancel", id: call.id, to: b.address, from: newId() },
      body: "",
      buffers: [],
    });
    expect(signal()?.aborted).toBe(false);
  });
});

describe("gone", () => {
  it("fails the calls to a peer that has gone, and aborts the calls it made", async () => {
    const { page, a, b } = pair();
    let signal: AbortSignal | undefined;
    b.export("never", () => new Promise(() => undefined));
    a.export(
      "long",
      (context: CallContext) => {
        signal = context.signal;
        return new Promise(() => undefined);
      },
      { withCaller: true },
    );
    const promise = a.call(b.address, "never", []);
    b.call(a.address, "long", []).catch(() => undefined);
    await settle();
    page.router.detach(b.address, "The plugin was closed.");
    expect(await failure(promise)).toMatchObject({
      code: "rpc.peer_gone",
      message: "The plugin was closed.",
    });
    expect(signal?.aborted).toBe(true);
    expect((await failure(a.call(b.address, "never", []))).code).toBe("rpc.peer_unknown");
  });

  it("fails everything when it is closed, now and later", async () => {
    const { a, b } = pair();
    b.export("never", () => new Promise(() => undefined));
    const promise = a.call(b.address, "never", []);
    a.close("Bye.");
    a.close();
    expect(await failure(promise)).toMatchObject({ code: "rpc.peer_gone", message: "Bye." });
    expect((await failure(a.call(b.address, "never", []))).code).toBe("rpc.peer_gone");
  });

  it("is not believed when a stranger says it", async () => {
    const { a, b } = pair();
    b.export("slow", async () => {
      await settle();
      return "done";
    });
    const promise = a.call(b.address, "slow", []);
    a.receive({
      header: { type: "gone", to: a.address, from: newId(), peer: b.address, reason: "no" },
      body: "",
      buffers: [],
    });
    await expect(promise).resolves.toBe("done");
  });
});

describe("codecs", () => {
  it("translates registered classes both ways", async () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
    }
    const { a, b } = pair();
    for (const peer of [a, b]) {
      peer.codecs.register({
        name: "point",
        type: Point,
        encoder: (point: Point) => [point.x, point.y],
        decoder: ([x, y]: [number, number]) => new Point(x, y),
      });
    }
    b.export("flip", (point: Point) => new Point(point.y, point.x));
    const flipped = await a.call(b.address, "flip", [new Point(1, 2)]);
    expect(flipped).toBeInstanceOf(Point);
    expect(flipped).toEqual(new Point(2, 1));
  });

  it("are kept by a peer that does not know them and passes their values on", async () => {
    class Box {
      constructor(readonly content: number) {}
    }
    const { a, b } = pair();
    a.codecs.register({
      name: "box",
      type: Box,
      encoder: (box: Box) => ({ content: box.content }),
      decoder: ({ content }: { content: number }) => new Box(content),
    });
    b.export("echo", (value: unknown) => value);
    expect(await a.call(b.address, "echo", [{ list: [new Box(3)] }])).toStrictEqual({
      list: [new Box(3)],
    });
  });
});
