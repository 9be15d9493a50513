import { describe, expect, it } from "vitest";
import { newId } from "./ids";
import type { Frame } from "./protocol/frame";
import { FrameReader, packFrame } from "./testing-python";

describe("frames in a stream", () => {
  it("are the same however the stream is cut", () => {
    const header = { type: "result", id: newId(), to: newId(), from: newId() } as const;
    const frame = {
      header,
      body: '"caf\u00e9"',
      buffers: [new ArrayBuffer(3), new ArrayBuffer(0)],
    };
    const stream = Buffer.concat([packFrame(frame), packFrame({ ...frame, buffers: [] })]);
    for (const size of [1, 7, 64, 10_000]) {
      const seen: Frame[] = [];
      const reader = new FrameReader((found) => seen.push(found));
      for (let i = 0; i < stream.length; i += size) reader.feed(stream.subarray(i, i + size));
      expect(seen.map((found) => [found.header, found.body])).toEqual([
        [header, frame.body],
        [header, frame.body],
      ]);
      expect(seen.map((found) => found.buffers.length)).toEqual([2, 0]);
    }
  });
});
