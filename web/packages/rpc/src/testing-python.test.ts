import { describe, expect, it } from "vitest";
import { newId } from "./ids";
import type { Frame } from "./protocol/frame";
import { FrameReader, packFrame } from "./testing-python";
import { fromHex, joinText, readVectors, type Text, toHex } from "./testing-vectors";

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

  interface StreamCase {
    name: string;
    bytes: Text;
    frames: { header: Frame["header"]; body: Text; buffers: Text[] }[];
    canonical?: boolean;
    refused?: string[];
    error?: string;
  }

  // The web has no stream of its own, so its reader is only for tests and refuses nothing.
  const cases = readVectors<StreamCase>("stream.json")
    .filter((vector) => !vector.refused && !vector.error)
    .map((vector): [string, StreamCase] => [vector.name, vector]);

  it.each(cases)("stream.json: %s", (_, { bytes, frames, canonical }) => {
    const stream = Buffer.from(fromHex(bytes));
    const seen: Frame[] = [];
    new FrameReader((found) => seen.push(found)).feed(stream);
    const expected = frames.map(({ header, body, buffers }) => ({
      header,
      body: joinText(body),
      buffers: buffers.map(fromHex),
    }));
    const plain = seen.map(({ header, body, buffers }) => ({
      header,
      body,
      buffers: buffers.map((buffer) => fromHex(toHex(buffer as Uint8Array))),
    }));
    expect(plain).toEqual(expected);
    if (canonical) expect(Buffer.concat(expected.map(packFrame)).equals(stream)).toBe(true);
  });
});
