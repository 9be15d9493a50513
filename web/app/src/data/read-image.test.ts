/** Every kind of file that is read, against what the Python libraries that wrote it say is in it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lookAt } from "./bitmap";
import { readImage } from "./read-image";

const FIXTURES = join(import.meta.dirname, "fixtures");

interface Expected {
  shape: number[];
  dtype: string;
  axes: string;
  sha256: string;
  last: number;
  channelNames?: string[];
  info?: Record<string, string>;
}

const expected = JSON.parse(readFileSync(join(FIXTURES, "expected.json"), "utf-8")) as Record<
  string,
  Expected
>;

function fixture(name: string, as = name): File {
  return new File([readFileSync(join(FIXTURES, name))], as);
}

describe("readImage", () => {
  for (const [name, want] of Object.entries(expected)) {
    it(`reads ${name}`, async () => {
      const { image, name: title } = await readImage(fixture(name));
      expect(title).toBe(name);
      expect([...image.array.shape]).toEqual(want.shape);
      expect(image.array.dtype).toBe(want.dtype);
      expect(image.axes).toBe(want.axes);
      const { buffer, byteOffset, byteLength } = image.array.data;
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      expect(Number(image.array.data.at(-1))).toBe(want.last);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(want.sha256);
      expect(image.channelNames).toEqual(want.channelNames);
      expect(image.info).toMatchObject(want.info ?? {});
      expect(byteLength).toBe(buffer.byteLength);
    });
  }

  it("has an expectation for every image in the folder", () => {
    const files = readdirSync(FIXTURES).filter((name) => /\.(tif|png|npy)$/.test(name));
    expect(Object.keys(expected).sort()).toEqual(files.sort());
  });

  it("goes by the bytes, not by the name", async () => {
    const { image } = await readImage(fixture("lzw16.tif", "photo.jpeg"));
    expect(image.info?.Format).toBe("TIFF");
    expect(image.info?.Compression).toBe("LZW");
  });

  it("says what it understood", async () => {
    const { image } = await readImage(fixture("imagej-zc.tif"));
    expect(image.info).toEqual({
      Format: "TIFF (ImageJ)",
      "Bit depth": "16 (unsigned)",
      Compression: "none",
      "Pixel size": "0.25 µm",
      "Slice distance": "0.5 µm",
    });
    const big = await readImage(fixture("bigtiff.tif"));
    expect(big.image.info?.Format).toBe("TIFF (BigTIFF)");
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(readImage(fixture("grey8.png"), stop.signal)).rejects.toThrow(/abort/i);
  });
});

describe("lookAt", () => {
  const head = (name: string): Uint8Array => readFileSync(join(FIXTURES, name));
  it("finds the size of photographs without decoding them", () => {
    expect(lookAt(head("grey.jpg"), "JPEG")).toEqual({ width: 23, height: 19, grey: true });
    expect(lookAt(head("rgb.jpg"), "JPEG")).toEqual({ width: 23, height: 19, grey: false });
    expect(lookAt(head("rgb.bmp"), "BMP")).toEqual({ width: 23, height: 19 });
    expect(lookAt(head("grey.gif"), "GIF")).toEqual({ width: 23, height: 19 });
  });
});
