/** The drawing loops: values to colours, channels over each other, labels, and how much of an image is read. */
import { describe, expect, it } from "vitest";
import { labelColor, labelColors } from "./colors";
import type { Numbers } from "./numbers";
import { type Block, drawColor, drawLabels, drawLayers, makeTable } from "./render";

/** The whole of a small plane. */
function whole(width: number, height: number, stepX = 1, stepY = width): Block {
  return {
    width,
    height,
    columns: Int32Array.from({ length: width }, (_, x) => x * stepX),
    rows: Float64Array.from({ length: height }, (_, y) => y * stepY),
  };
}

function hex(pixels: Uint32Array): string[] {
  // Memory order is r, g, b, a.
  return [...pixels].map((pixel) =>
    [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >>> 24]
      .map((part) => part.toString(16).padStart(2, "0"))
      .join(""),
  );
}

function grey(data: Numbers, low: number, high: number): string[] {
  const out = new Uint32Array(data.length);
  const table = makeTable(data, [low, high], [255, 255, 255], "opaque");
  drawLayers(out, whole(data.length, 1), [{ data, base: 0, table }]);
  return hex(out);
}

describe("one channel", () => {
  it("shows the window from black to white for every type of number", () => {
    const want = ["000000ff", "000000ff", "808080ff", "ffffffff", "ffffffff"];
    expect(grey(Uint8Array.of(0, 50, 75, 100, 255), 50, 100)).toEqual(want);
    expect(grey(Uint16Array.of(0, 500, 750, 1000, 65_535), 500, 1000)).toEqual(want);
    expect(grey(Int8Array.of(-128, -50, -25, 0, 127), -50, 0)).toEqual(want);
    expect(grey(Int16Array.of(-32_768, -500, 0, 500, 32_767), -500, 500)).toEqual(want);
    const steps = ["000000ff", "000000ff", "7f7f7fff", "ffffffff", "ffffffff"];
    expect(grey(Int32Array.of(-9e8, -1000, 0, 1000, 9e8), -1000, 1000)).toEqual(steps);
    expect(grey(Float32Array.of(Number.NaN, 0, 0.5, 1, Number.POSITIVE_INFINITY), 0, 1)).toEqual(
      steps,
    );
  });

  it("follows strides and the start of the plane", () => {
    const data = Uint8Array.of(9, 9, 1, 2, 3, 4);
    const out = new Uint32Array(4);
    const table = makeTable(data, [0, 255], [255, 255, 255], "opaque");
    // Columns before rows in memory.
    drawLayers(out, whole(2, 2, 2, 1), [{ data, base: 2, table }]);
    expect(hex(out).map((pixel) => pixel.slice(0, 2))).toEqual(["01", "03", "02", "04"]);
  });
});

describe("channels over each other", () => {
  it("adds their colours and stops at full", () => {
    const data = Uint8Array.of(255, 0, 255, 255, 0, 255);
    const out = new Uint32Array(2);
    const red = makeTable(data, [0, 255], [255, 0, 0], "sum");
    const half = makeTable(data, [0, 255], [128, 128, 0], "sum");
    drawLayers(out, whole(2, 1), [
      { data, base: 0, table: red },
      { data, base: 2, table: half },
    ]);
    expect(hex(out)).toEqual(["ff8000ff", "808000ff"]);
  });

  it("takes any number of channels", () => {
    const data = Uint8Array.of(255);
    const out = new Uint32Array(1);
    const table = makeTable(data, [0, 255], [255, 100, 10], "sum");
    const layers = Array.from({ length: 23 }, () => ({ data, base: 0, table }));
    drawLayers(out, whole(1, 1), layers);
    expect(hex(out)).toEqual(["ffffe6ff"]);
  });

  it("is black when none is visible", () => {
    const out = new Uint32Array(2).fill(7);
    drawLayers(out, whole(2, 1), []);
    expect(hex(out)).toEqual(["000000ff", "000000ff"]);
  });
});

describe("colour images", () => {
  it("shows RGB bytes as they are", () => {
    const out = new Uint32Array(1);
    drawColor(out, whole(1, 1), Uint8Array.of(1, 2, 250), 0, 3, 1, [0, 255]);
    expect(hex(out)).toEqual(["0102faff"]);
  });

  it("keeps alpha and scales 16 bits and fractions", () => {
    const out = new Uint32Array(1);
    drawColor(out, whole(1, 1, 4), Uint16Array.of(65_535, 0, 32_768, 32_896), 0, 4, 1, [0, 65_535]);
    expect(hex(out)).toEqual(["ff007f80"]);
    drawColor(out, whole(1, 1, 3), Float32Array.of(1, 0.5, 2), 0, 3, 1, [0, 1]);
    expect(hex(out)).toEqual(["ff7fffff"]);
  });
});

describe("labels", () => {
  const colors = labelColors();

  it("have stable colours, different for neighbours, never black or clear", () => {
    expect(labelColor(0)).toBe("transparent");
    const first = Array.from({ length: 60 }, (_, i) => labelColor(i + 1));
    expect(new Set(first).size).toBe(60);
    expect(labelColor(4096)).not.toBe("transparent");
    for (let label = 1; label < 5000; label++) {
      const value = colors[label & 4095] as number;
      expect(Math.max(value & 255, (value >> 8) & 255, (value >> 16) & 255)).toBeGreaterThan(90);
    }
    expect(labelColor(7)).toBe("rgb(110, 243, 104)");
  });

  it("fill with the opacity and draw outlines strongly", () => {
    const labels = new Int32Array(25);
    for (const y of [1, 2, 3]) for (const x of [1, 2, 3]) labels[y * 5 + x] = 7;
    const out = new Uint32Array(25).fill(0xff000000);
    drawLabels(out, whole(5, 5), labels, 0, colors, 0.5);
    const [r, g, b] = [110, 243, 104];
    const pixels = hex(out);
    expect(pixels[0]).toBe("000000ff");
    const part = (value: number, of256: number) =>
      Math.floor((value * of256) / 256)
        .toString(16)
        .padStart(2, "0");
    expect(pixels[12]).toBe(`${part(r, 128)}${part(g, 128)}${part(b, 128)}ff`);
    for (const at of [6, 7, 8, 11, 13, 16, 17, 18]) {
      expect(pixels[at]).toBe(`${part(r, 235)}${part(g, 235)}${part(b, 235)}ff`);
    }
  });

  it("only outlines are left when they are fully transparent", () => {
    const labels = new Int32Array(25).fill(3);
    const out = new Uint32Array(25).fill(0xff112233);
    drawLabels(out, whole(5, 5), labels, 0, colors, 0);
    expect(new Set(out)).toEqual(new Set([0xff112233]));
  });
});

describe("work", () => {
  it("reads each pixel that is shown once, however large the image is", () => {
    const data = Uint16Array.from({ length: 2048 * 2048 }, (_, i) => (i * 7919) & 0xffff);
    let reads = 0;
    const counted = new Proxy(data, {
      get: (target, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) reads += 1;
        return Reflect.get(target, key, target) as unknown;
      },
    });
    const block: Block = {
      width: 120,
      height: 80,
      columns: Int32Array.from({ length: 120 }, (_, x) => x * 17),
      rows: Float64Array.from({ length: 80 }, (_, y) => y * 25 * 2048),
    };
    const out = new Uint32Array(120 * 80);
    const table = makeTable(data, [100, 50_000], [255, 255, 255], "opaque");
    drawLayers(out, block, [{ data: counted, base: 0, table }]);
    expect(reads).toBe(120 * 80);
    const plain = new Uint32Array(120 * 80);
    drawLayers(plain, block, [{ data, base: 0, table }]);
    expect(out).toEqual(plain);
  });
});
