/** The texts of the status line and of the description for screen readers. */
import { NdArray } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { LoadedImage } from "./loaded-image";
import { START } from "./state";
import { describeHover, describeImage, formatValue, formatZoom, sliderStep } from "./text";

const array = new NdArray(new Uint16Array(2 * 3 * 4 * 5), [2, 3, 4, 5]);
const image = { array, axes: "ZCYX" };
const state = {
  ...START,
  width: 5,
  height: 4,
  axes: "ZCYX",
  zCount: 2,
  channels: new LoadedImage(image).channels(),
};

describe("texts", () => {
  it("describe the image", () => {
    const facts = ["5 x 4 pixels", "3 channels", "2 slices", "uint16", "axes ZCYX"];
    expect(describeImage(image, state)).toEqual(facts);
    const drawn = describeImage(image, { ...state, hasLabels: true });
    expect(drawn).toEqual([...facts, "with labels drawn over it"]);
  });

  it("describe the place under the pointer, without channels that are off", () => {
    const hover = { x: 1, y: 2, z: 1, t: 0, values: [7, 8, 9.123456], label: null };
    const channels = state.channels.map((channel, index) => ({ ...channel, visible: index !== 1 }));
    expect(describeHover(hover, { ...state, channels })).toBe("x 1, y 2, z 1: 7, 9.1235");
    expect(describeHover(hover, { ...state, color: true, zCount: 1 })).toBe(
      "x 1, y 2: 7, 8, 9.1235",
    );
  });

  it("write numbers shortly", () => {
    expect([65_535, 0.5, -1 / 3, 1e-9, 1.5e12 + 0.5, Number.NaN].map(formatValue)).toEqual([
      "65535",
      "0.5",
      "-0.33333",
      "1.000e-9",
      "1.500e+12",
      "NaN",
    ]);
    expect([0.012345, 0.5, 1, 12.3].map(formatZoom)).toEqual(["1.2 %", "50 %", "100 %", "1230 %"]);
  });

  it("give sliders sensible steps", () => {
    expect(sliderStep([0, 255], false)).toBe(1);
    expect(sliderStep([0, 65_535], false)).toBe(16);
    expect(sliderStep([0, 2], true)).toBe(0.002);
    expect(sliderStep([0, 0], true)).toBeGreaterThan(0);
  });
});
