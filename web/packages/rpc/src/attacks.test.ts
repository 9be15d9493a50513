/** Names and frames with which somebody might try to reach what was not exported. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RpcError } from "./errors";
import { Session } from "./protocol/session";
import { MemoryPage } from "./testing";

class Exported {
  run() {
    return "ran";
  }
}

function names(): string[] {
  const things: unknown[] = [Object, Object.prototype, Function.prototype, Array.prototype];
  things.push(Promise.prototype, Symbol, Reflect, globalThis, new Exported(), Exported.prototype);
  const found = new Set(things.flatMap((thing) => Object.getOwnPropertyNames(thing)));
  const own = ["", ".", "run.", ".run", "run.run", "RUN", " run", "fn:", "constructor.constructor"];
  const deep = [...found].flatMap((name) => [
    `run.${name}`,
    `__proto__.${name}`,
    `prototype.${name}`,
  ]);
  return [...found, ...deep, ...own].filter((name) => name !== "run");
}

describe("method names", () => {
  it("are looked up as they are, and lead to nothing that was not exported", async () => {
    const page = new MemoryPage();
    const child = page.child();
    child.export("run", () => "ran");
    const tried = names();
    expect(tried.length).toBeGreaterThan(300);
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    for (const name of tried) {
      const error = await page.peer.call(child.address, name, []).catch((problem) => problem);
      expect(error, name).toMatchObject({ code: "rpc.method_not_found" });
    }
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect(await page.peer.call(child.address, "run", [])).toBe("ran");
  });
});

describe("frames of a session", () => {
  const header = fc.record(
    {
      type: fc.constantFrom("call", "result", "piece", "drop", "ack", "ping", "cancel", "x", 1),
      seq: fc.oneof(fc.integer({ min: -2, max: 6 }), fc.string({ maxLength: 2 })),
      ack: fc.integer({ min: -2, max: 6 }),
      of: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.string({ maxLength: 1 })),
      pieces: fc.integer({ min: -1, max: 3 }),
      sizes: fc.array(fc.oneof(fc.integer({ min: -1, max: 2 ** 40 }), fc.constant(null))),
      id: fc.oneof(fc.constant("1".repeat(32)), fc.integer()),
      to: fc.constantFrom("b".repeat(32), null),
      from: fc.constant("a".repeat(32)),
      frame: fc.json(),
    },
    { requiredKeys: [] },
  );
  const parts = fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 2 });

  it("are taken, or end the socket with an RpcError, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(header, parts), { maxLength: 12 }), (frames) => {
        let delivered = 0;
        const deliver = () => {
          delivered += 1;
        };
        const session = new Session({ write: () => undefined, deliver, now: 0, piece: 4 });
        session.opened(0, 0);
        for (const [one, buffers] of frames) {
          try {
            session.receive({ header: { ...one }, body: "", buffers }, 0);
          } catch (error) {
            expect(error).toBeInstanceOf(RpcError);
            session.closed();
            session.opened(0, 0);
          }
        }
        expect(delivered).toBeLessThanOrEqual(frames.length);
      }),
      { numRuns: 1000 },
    );
  });
});
