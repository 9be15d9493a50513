import { describe, expect, it } from "vitest";
import type { RpcError } from "./errors";
import { PACKING, Packer, unpack } from "./packing";
import { SESSION } from "./protocol/messages";
import { Pace } from "./protocol/pace";
import type { AnyFrame } from "./protocol/pieces";
import { fromHex, readVectorFile, toHex } from "./testing-vectors";

interface Cases {
  unpack: { name: string; packed: unknown; parts: string[]; whole?: string[]; error?: string }[];
  pace: {
    name: string;
    sent: [number, number, number][];
    arrived: [number, number][];
    slow: boolean;
    later?: number;
  }[];
}

const cases = readVectorFile<Cases>("packing.json");
const shrinks = Uint8Array.from({ length: 1 << 19 }, (_, at) => at % 64);
let state = 1;
const noise = Uint8Array.from({ length: 1 << 19 }, () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state >>> 24;
});

function frame(...buffers: AnyFrame["buffers"]): AnyFrame {
  return { header: { type: "piece", of: 1, seq: 9 }, body: "", buffers };
}

/** One that has seen four pieces take half a second each. */
function slow(understood: unknown = PACKING): Packer {
  const packer = new Packer(understood);
  for (const seq of [1, 2, 3, 4]) {
    packer.sent({ header: { seq }, body: "", buffers: [shrinks] }, 0);
  }
  for (const seq of [1, 2, 3, 4]) packer.arrived(seq, seq / 2);
  return packer;
}

describe("unpack", () => {
  it.each(cases.unpack.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const header = { type: "piece", of: 1, packed: one.packed };
    const given = { header, body: "", buffers: one.parts.map((part) => fromHex(part)) };
    if (one.error !== undefined) {
      const error = await unpack(given).catch((error: RpcError) => error.code);
      expect(error).toBe(one.error);
      return;
    }
    const whole = await unpack(given);
    expect(whole.header).toEqual({ type: "piece", of: 1 });
    expect(whole.buffers.map((part) => toHex(part as ArrayBuffer))).toEqual(one.whole);
  });
});

describe("Pace", () => {
  it.each(cases.pace.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const pace = new Pace();
    const events = [
      ...one.sent.map(([number, size, time]) => ({ number, size, time })),
      ...one.arrived.map(([number, time]) => ({ number, size: null, time })),
    ].sort((a, b) => a.time - b.time);
    for (const { number, size, time } of events) {
      if (size === null) pace.arrived(number, time);
      else pace.note(number, size, time);
    }
    const last = events.at(-1)?.time ?? 0;
    expect(pace.isSlow(last + (one.later ?? 0))).toBe(one.slow);
  });
});

describe("Packer", () => {
  it("packs what shrinks on a slow connection, and it comes out again", async () => {
    const given = frame(shrinks, new Uint8Array([1, 2]), noise);
    const packer = slow();
    expect(packer.wants(given, 3)).toBe(true);
    const packed = await packer.pack(given);
    expect(packed.header.packed).toEqual([shrinks.length, null, null]);
    expect((packed.buffers[0] as ArrayBuffer).byteLength).toBeLessThan(shrinks.length / 10);
    expect(given.header).not.toHaveProperty("packed");
    const whole = await unpack(packed);
    expect(whole.header).toEqual(given.header);
    expect(new Uint8Array(whole.buffers[0] as ArrayBuffer)).toEqual(shrinks);
    expect(whole.buffers.slice(1)).toEqual(given.buffers.slice(1));
  });

  it.each([
    ["the connection is quick", new Packer(PACKING), shrinks],
    ["the other side does not unpack", slow(null), shrinks],
    ["the other side unpacks something else", slow("brotli"), shrinks],
    ["it is small", slow(), shrinks.subarray(0, SESSION.pack_from - 1)],
    ["it is large and not in pieces", slow(), new Uint8Array(SESSION.pack_most + 1)],
  ])("sends all as it is when %s", (_, packer, part) => {
    expect(packer.wants(frame(part), 3)).toBe(false);
  });

  it("sends what does not shrink as it is", async () => {
    const given = frame(noise);
    expect(await slow().pack(given)).toBe(given);
  });
});
