import { describe, expect, it } from "vitest";
import { placesIn } from "./places";

const NAMES = ["My_plugin.imjoy.html", "My plugin.imjoy.html"];

describe("places in errors", () => {
  it("are those of a JavaScript traceback, the line that failed first", () => {
    const text = `TypeError: image is undefined
    at ImJoyPlugin.level (My_plugin.imjoy.html:20:15)
    at ImJoyPlugin.run (My_plugin.imjoy.html:14:9)
    at other.js:3:1`;
    expect(placesIn(text, NAMES)).toEqual([
      { line: 20, column: 15 },
      { line: 14, column: 9 },
    ]);
  });

  it("are those of a Python traceback, the line that failed first", () => {
    const text = `Traceback (most recent call last):
  File "My plugin.imjoy.html", line 18, in run
    return self.level(1)
  File "My plugin.imjoy.html", line 22, in level
    return 1 / 0
  File "/usr/lib/python3/numpy.py", line 7, in f
ZeroDivisionError: division by zero`;
    expect(placesIn(text, NAMES).map(({ line }) => line)).toEqual([22, 18]);
  });

  it("are those of scripts that could not be loaded and of manifests", () => {
    expect(placesIn("SyntaxError: Unexpected token (My_plugin.imjoy.html, line 9)", NAMES)).toEqual(
      [{ line: 9, column: null }],
    );
    expect(placesIn("Line 3, column 7: The <config> block is not valid JSON", NAMES)).toEqual([
      { line: 3, column: 7 },
    ]);
    expect(placesIn("Saving: Line 4: The plugin has no type.", [])).toEqual([
      { line: 4, column: null },
    ]);
  });

  it("are none of other files", () => {
    expect(placesIn("Error at other.imjoy.html:4:2", NAMES)).toEqual([]);
    expect(placesIn("Error at xMyxplugin_imjoy_html:4:2", NAMES)).toEqual([]);
  });
});
