/** Iterators that cross between peers, and between the languages. */
import { afterAll, describe, expect, it } from "vitest";
import type { RemoteStream } from "./streams";
import { MemoryPage } from "./testing";
import { PythonPeer } from "./testing-python";

function linkedPeers() {
  const page = new MemoryPage();
  return { a: page.peer, b: page.child() };
}

async function collect(stream: unknown): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream as RemoteStream) items.push(item);
  return items;
}

function* upTo(count: number, seen: number[] = []): Generator<number> {
  try {
    for (let number = 0; number < count; number += 1) {
      seen.push(number);
      yield number;
    }
  } finally {
    seen.push(-1);
  }
}

describe("streams between peers", () => {
  it("give all items in order, of generators of both kinds", async () => {
    const { a, b } = linkedPeers();
    b.export("plain", (count: number) => upTo(count));
    b.export("slow", async function* slow(count: number) {
      for (const number of upTo(count)) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield number;
      }
    });
    const expected = [...upTo(1000)];
    expect(await collect(await a.call(b.address, "plain", [1000]))).toEqual(expected);
    expect(await collect(await a.call(b.address, "slow", [20]))).toEqual(expected.slice(0, 20));
    expect(await collect(await a.call(b.address, "plain", [0]))).toEqual([]);
  });

  it("hold the source while nobody reads, and end it when nothing more is wanted", async () => {
    const { a, b } = linkedPeers();
    const seen: number[] = [];
    b.export("plain", () => upTo(1e9, seen));
    const stream = (await a.call(b.address, "plain", [])) as RemoteStream;
    for await (const item of stream) if (item === 10) break;
    expect(seen.length).toBeLessThan(600);
    expect(seen.at(-1)).toBe(-1);
  });

  it("ask for one batch ahead of what is read, and no more", async () => {
    const { a, b } = linkedPeers();
    const seen: number[] = [];
    b.export("plain", () => upTo(1e9, seen));
    const stream = (await a.call(b.address, "plain", [])) as RemoteStream;
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen.length).toBeLessThan(4 + 8 + 1); // the first two credits
  });

  it("end at once when the source waits for something that does not come", async () => {
    const { a, b } = linkedPeers();
    b.export("waiting", async function* waiting() {
      yield 1;
      await new Promise(() => undefined);
    });
    const seen: unknown[] = [];
    for await (const item of (await a.call(b.address, "waiting", [])) as RemoteStream) {
      seen.push(item);
      break;
    }
    expect(seen).toEqual([1]);
  });

  it("give each item to one of several who wait", async () => {
    const { a, b } = linkedPeers();
    b.export("plain", () => upTo(20));
    const stream = (await a.call(b.address, "plain", [])) as RemoteStream;
    const results = await Promise.all([...upTo(22)].map(() => stream.next()));
    expect(results.map(({ value }) => value)).toEqual([...upTo(20), undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([...upTo(22)].map((number) => number >= 20));
  });

  it("bring an error after the items before it", async () => {
    const { a, b } = linkedPeers();
    b.export("failing", async function* failing() {
      yield 1;
      throw new Error("no more");
    });
    const items: unknown[] = [];
    await expect(async () => {
      const stream = (await a.call(b.address, "failing", [])) as RemoteStream;
      for await (const item of stream) items.push(item);
    }).rejects.toThrow("no more");
    expect(items).toEqual([1]);
  });

  it("are what they were when they come home", async () => {
    const { a, b } = linkedPeers();
    b.export("handBack", (stream: unknown) => stream);
    const seen: number[] = [];
    const source = upTo(3, seen);
    expect(await a.call(b.address, "handBack", [source])).toBe(source);
    expect([...source]).toEqual([0, 1, 2]);
    b.export("readOne", async (stream: RemoteStream) => {
      await stream.next();
      return stream;
    });
    await expect(a.call(b.address, "readOne", [upTo(3)])).rejects.toThrow("read from");
  });

  it("end their source when their peer goes", async () => {
    const { a, b } = linkedPeers();
    const seen: number[] = [];
    b.export("plain", () => upTo(1e9, seen));
    const stream = (await a.call(b.address, "plain", [])) as RemoteStream;
    await stream.next();
    b.peerGone(a.address, "it left");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen.at(-1)).toBe(-1);
  });
});

describe("streams between JavaScript and Python", () => {
  const python = new PythonPeer();
  afterAll(() => python.close());

  it("go both ways, and through", async () => {
    expect(await collect(await python.call("numbers", 500))).toEqual([...upTo(500)]);
    expect(await python.call("add_up", upTo(1000))).toBe(499500);
    const doubled = await python.call("doubled", upTo(300));
    expect(await collect(doubled)).toEqual([...upTo(300)].map((number) => 2 * number));
  });

  it("errors tell what led to them", async () => {
    const error = await python.call("fail_because", "inner").catch((problem: unknown) => problem);
    expect(error).toMatchObject({ message: "outer", remoteName: "RuntimeError" });
    expect((error as Error).cause).toMatchObject({ message: "inner", remoteName: "ValueError" });
  });
});
