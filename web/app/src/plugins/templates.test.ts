import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLUGIN_TYPES } from "../model";
import { fileNameOf, fileOfOrigin } from "./file-name";
import { parsePlugin } from "./parser";
import { problemsIn } from "./problems";
import { newPlugin, TEMPLATES, type Template } from "./templates";

const FOLDER = join(import.meta.dirname, "../../../../src/imjoy/plugins/templates");

function template(id: string): Template {
  return TEMPLATES.find((known) => known.id === id) as Template;
}

describe("templates", () => {
  it("are those of the command line, one for each type, with a description each", () => {
    const files = readdirSync(FOLDER).map((name) => name.replace(/\.txt$/, ""));
    expect(TEMPLATES.map(({ id, ending }) => id + ending).sort()).toEqual(files.sort());
    for (const type of PLUGIN_TYPES) expect(TEMPLATES.map(({ id }) => id)).toContain(type);
    expect(TEMPLATES.filter(({ description }) => description === "")).toEqual([]);
    expect(TEMPLATES[0]?.id).toBe("web-worker");
  });

  it("become plugins without problems", async () => {
    for (const known of TEMPLATES) {
      const { file, text } = newPlugin(known, " My  plugin ");
      expect(await problemsIn(text, file)).toEqual([]);
      if (file.endsWith(".html")) expect(parsePlugin(text).manifest.name).toBe("My plugin");
    }
  });

  it("give files names of their kind", () => {
    expect(newPlugin(template("window"), "Zähl' nicht".replace("'", "")).file).toBe(
      "zähl-nicht.imjoy.html",
    );
    expect(newPlugin(template("python-function"), "Find spots").file).toBe("find_spots.py");
    expect(newPlugin(template("javascript-module"), "Find spots").file).toBe("find_spots.mjs");
    expect(fileNameOf("???")).toBe("plugin.imjoy.html");
    expect(fileOfOrigin("https://a.org/x/My%20one.imjoy.html?raw=1", "B")).toBe(
      "My one.imjoy.html",
    );
    expect(fileOfOrigin("file blur.imjoy.html", "B")).toBe("blur.imjoy.html");
    expect(fileOfOrigin("file blur.mjs", "My Blur")).toBe("my-blur.imjoy.html");
    expect(fileOfOrigin("https://a.org/100%.imjoy.html", "B")).toBe("100%.imjoy.html");
    expect(() => newPlugin(template("window"), "a/b")).toThrow("cannot be called");
    expect(() => newPlugin(template("window"), " ")).toThrow("cannot be called");
  });
});
