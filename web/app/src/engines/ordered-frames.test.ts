import type { AnyFrame } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { hasBlobs, OrderedFrames, readBlobs } from "./ordered-frames";

const frame = (seq: number, ...buffers: AnyFrame["buffers"]): AnyFrame => ({
  header: { type: "call", seq },
  body: "",
  buffers,
});

const reading = (one: AnyFrame) => (hasBlobs(one) ? readBlobs(one) : null);

describe("OrderedFrames", () => {
  it("reads Blobs and keeps the order", async () => {
    const written: AnyFrame[] = [];
    const writer = new OrderedFrames(
      reading,
      (one) => written.push(one),
      () => undefined,
    );
    writer.put(frame(1));
    writer.put(frame(2, new Blob(["abc"])));
    writer.put(frame(3));
    expect(written.map(({ header }) => header.seq)).toEqual([1]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written.map(({ header }) => header.seq)).toEqual([1, 2, 3]);
    expect(written[1]?.buffers[0]).toBeInstanceOf(ArrayBuffer);
    writer.put(frame(4));
    expect(written).toHaveLength(4);
  });

  it("tells in its turn of a frame whose file cannot be read", async () => {
    const written: AnyFrame[] = [];
    const writer = new OrderedFrames(
      reading,
      (one) => written.push(one),
      ({ header: { seq } }) => written.push({ ...frame(0), header: { type: "drop", seq } }),
    );
    class Gone extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        return Promise.reject(new Error("it was removed"));
      }
    }
    writer.put(frame(1, new Gone()));
    writer.put(frame(2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written.map(({ header }) => header)).toEqual([
      { type: "drop", seq: 1 },
      { type: "call", seq: 2 },
    ]);
  });

  it("writes nothing after it was closed", async () => {
    const written: AnyFrame[] = [];
    const writer = new OrderedFrames(
      reading,
      (one) => written.push(one),
      () => undefined,
    );
    writer.put(frame(1, new Blob(["abc"])));
    writer.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written).toEqual([]);
  });
});
