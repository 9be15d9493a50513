/** Files that cannot be opened: each is refused in words that name the step, the cause and the remedy. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { DataError } from "./errors";
import { readImage } from "./read-image";

const FIXTURES = join(import.meta.dirname, "fixtures");

function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(FIXTURES, name)));
}

async function failure(bytes: Uint8Array<ArrayBuffer>, name = "x.tif"): Promise<DataError> {
  const error = await readImage(new File([bytes], name)).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  const data = error as DataError;
  expect(data.code).toBe("data.unreadable");
  for (const text of [data.step, data.cause, data.remedy]) expect(text.length).toBeGreaterThan(8);
  return data;
}

/** Fast invented numbers, the same on every run. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(length / 4);
  let state = 12345;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state ^ (state >>> 15);
  }
  return new Uint8Array(words.buffer);
}

function latin(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function withHead(head: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  bytes.set(latin(head));
  return bytes;
}

/** A little-endian TIFF of one page; values are [tag, type, value]. */
function tiff(
  tags: [number, number, number][],
  pixels = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const sorted = [...tags].sort((a, b) => a[0] - b[0]);
  const bytes = new Uint8Array(8 + 2 + sorted.length * 12 + 4 + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set(latin("II*\0"));
  view.setUint32(4, 8, true);
  view.setUint16(8, sorted.length, true);
  sorted.forEach(([tag, type, value], index) => {
    const at = 10 + index * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  });
  bytes.set(pixels, bytes.length - pixels.length);
  return bytes;
}

const PIXELS_AT = 8 + 2 + 9 * 12 + 4;

function page(width: number, height: number, compression: number, stored: number) {
  return [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 16],
    [259, 3, compression],
    [262, 3, 1],
    [273, 4, PIXELS_AT],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, stored],
  ] as [number, number, number][];
}

describe("files that are no images", () => {
  it("refuses an empty file", async () => {
    expect((await failure(new Uint8Array(0))).cause).toContain("empty");
  });

  it("refuses 40 MB of noise, whatever it is called", async () => {
    const bytes = noise(40 * 1024 * 1024);
    expect((await failure(bytes, "big.tif")).cause).toContain("not those of any known image type");
    for (const head of [
      "II*\0",
      "MM\0*",
      "II+\0\x08\0\0\0",
      "\x89PNG\r\n\x1a\n",
      "\x93NUMPY\x01\0",
    ]) {
      await failure(withHead(head, bytes), "big.tif");
    }
  });

  it("names the kind of file when it is a known one", async () => {
    expect((await failure(withHead("PK\x03\x04", noise(400)))).cause).toContain("ZIP");
    expect((await failure(withHead("ZISRAWFILE", noise(400)))).cause).toContain("CZI");
    expect((await failure(latin("<?xml version='1.0'?><svg/>"))).cause).toContain("SVG");
    expect((await failure(latin("x,y\n1,2\n"))).cause).toContain("known image type");
  });
});

describe("broken files", () => {
  const names = [
    "grey16.png",
    "lzw16.tif",
    "deflate-tiles.tif",
    "uint16.tif",
    "imagej-zc.tif",
    "uint16.npy",
    "ome.ome.tif",
  ];
  for (const name of names) {
    it(`refuses ${name} cut off anywhere`, async () => {
      const whole = fixture(name);
      for (let part = 1; part < 10; part++) {
        await failure(whole.slice(0, Math.floor((whole.length * part) / 10)), name);
      }
    });

    it(`answers with an image or a clear error when bytes of ${name} are changed`, async () => {
      const whole = fixture(name);
      const places = noise(4 * 120);
      for (let i = 0; i < 120; i++) {
        const bytes = whole.slice();
        // Half of the changes go to the first kilobyte, where the headers are.
        const at = new DataView(places.buffer).getUint32(4 * i) % (i % 2 ? bytes.length : 400);
        bytes[at] = (bytes[at] as number) ^ (1 << (i % 8));
        const result = await readImage(new File([bytes], name)).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(DataError);
      }
    });
  }

  it("refuses a list of pages that goes in a circle", async () => {
    const bytes = tiff(page(1, 1, 1, 2), new Uint8Array(2));
    new DataView(bytes.buffer).setUint32(8 + 2 + 9 * 12, 8, true);
    expect((await failure(bytes)).cause).toContain("circle");
  });
});

describe("false sizes", () => {
  it("refuses more than fits, and names the size", async () => {
    const error = await failure(tiff(page(65_535, 65_535, 8, 100), noise(100)));
    expect(error.cause).toContain("65535 x 65535");
    expect(error.cause).toContain("8 GB");
  });

  it("refuses sizes that the data cannot hold, before it takes memory", async () => {
    expect((await failure(tiff(page(30_000, 30_000, 8, 100), noise(100)))).cause).toContain(
      "1.7 GB",
    );
    expect((await failure(tiff(page(30_000, 30_000, 1, 100), noise(100)))).cause).toContain(
      "bytes",
    );
    expect((await failure(tiff(page(0, 5, 1, 10), noise(12)))).cause).toContain("no width");
  });

  it("refuses a PNG header bomb", async () => {
    const png = fixture("grey16.png");
    const view = new DataView(png.buffer);
    view.setUint32(16, 65_535);
    view.setUint32(20, 65_535);
    expect((await failure(png)).cause).toContain("checksum");
    // Even with a checksum that is right.
    view.setUint32(29, crc(png.subarray(12, 29)));
    expect((await failure(png)).cause).toContain("65535 x 65535");
  });

  it("unpacks no more than the header says", async () => {
    const bomb = zlibSync(new Uint8Array(30_000_000));
    const { image } = await readImage(
      new File([tiff(page(4, 4, 8, bomb.length), bomb)], "bomb.tif"),
    );
    expect(image.array.size).toBe(16);
  });
});

describe("parts that are JPEG or Zstandard", () => {
  it("says that they are damaged", async () => {
    const jpeg = tiff([...page(4, 4, 7, 10), [258, 3, 8]], noise(12));
    expect((await failure(jpeg)).cause).toContain("no start");
    expect((await failure(tiff(page(4, 4, 50_000, 12), noise(12)))).cause).toContain("unpack");
  });

  it("names JPEG of samples that are no colours", async () => {
    const four = tiff([...page(4, 4, 7, 10), [277, 3, 4]], noise(12));
    expect((await failure(four)).cause).toContain("JPEG compression with pixels of 4 x 16 bits");
  });
});

describe("what is not read", () => {
  it("names the compression", async () => {
    expect((await failure(tiff(page(4, 4, 34_887, 10), noise(12)))).cause).toContain("LERC");
    expect((await failure(tiff(page(4, 4, 50_001, 10), noise(12)))).cause).toContain("WebP");
    expect((await failure(tiff(page(4, 4, 4711, 10), noise(12)))).cause).toContain("4711");
  });

  it("names element types", async () => {
    const records = latin(
      "\x93NUMPY\x01\0\x50\0{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,), }".padEnd(
        90,
      ),
    );
    expect((await failure(records, "a.npy")).cause).toContain("records");
    const complex = tiff(
      [...page(4, 4, 1, 128).filter(([tag]) => tag !== 258), [258, 3, 64], [339, 3, 6]],
      noise(128),
    );
    expect((await failure(complex)).cause).toContain("complex numbers");
  });

  it("says so where photographs cannot be decoded", async () => {
    // There is no createImageBitmap in Node.
    expect((await failure(fixture("rgb.jpg"))).cause).toContain("browser");
    const wide = fixture("grey.jpg");
    const at = wide.findIndex((byte, i) => byte === 0xff && wide[i + 1] === 0xc0);
    new DataView(wide.buffer).setUint32(at + 5, 0xffffffff);
    expect((await failure(wide)).cause).toContain("65535 x 65535");
  });
});

function crc(bytes: Uint8Array): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}
