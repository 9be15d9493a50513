import { expect, it } from "vitest";
import { hexOf, rgbOf, spelledAs } from "./color-text";

it.each([
  ["rgb(0, 120, 212)", "#0078d4"],
  ["rgba(255 0 10 / 0.5)", "#ff000a"],
  ["#ABC", "#aabbcc"],
  ["#0078d4", "#0078d4"],
  ["teal", "#000000"],
  [null, "#000000"],
])("reads %o as %s", (text, hex) => expect(hexOf(text)).toBe(hex));

it.each([
  [[0, 1, 1], "rgb(255, 0, 0)"],
  [[120, 1, 0.5], "rgb(0, 128, 0)"],
  [[240, 0, 1], "rgb(255, 255, 255)"],
  ["#fff", "#fff"],
  [["a", 1, 1], "rgb(0, 120, 212)"],
  [undefined, "rgb(0, 120, 212)"],
])("begins with %o as %s", (given, text) => expect(rgbOf(given)).toBe(text));

it("spells a colour as the form began", () => {
  expect(spelledAs("rgb(1, 2, 3)", "#0078d4")).toBe("rgb(0, 120, 212)");
  expect(spelledAs("#000", "#0078d4")).toBe("#0078d4");
});
