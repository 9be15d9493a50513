import { describe, expect, it } from "vitest";
import { problemsIn } from "./problems";

function plugin(config: string, rest = "<script>\napi.export({});\n</script>"): string {
  return `<config lang="json">\n${config}\n</config>\n${rest}\n`;
}

describe("problems of a plugin file", () => {
  it("are none when it is right", async () => {
    expect(await problemsIn(plugin('{"name": "A", "type": "window"}'), "a.imjoy.html")).toEqual([]);
  });

  it("stand at the line and column of the manifest", async () => {
    const [comma] = await problemsIn(
      plugin('{\n  "name": "A"\n  "type": "window"\n}'),
      "a.imjoy.html",
    );
    expect(comma).toMatchObject({ line: 4, severity: "error" });
    expect(comma?.column).toBeGreaterThan(0);
    expect(comma?.remedy).toContain("comma");
    const [type] = await problemsIn(
      plugin('{\n  "name": "A",\n  "type": "windou"\n}'),
      "a.imjoy.html",
    );
    expect(type).toMatchObject({ line: 4, cause: 'There is no plugin type "windou".' });
    expect(type?.remedy).toContain("web-worker");
    const [none] = await problemsIn(plugin('{"name": "A", "type": "window"}', ""), "a.imjoy.html");
    expect(none?.cause).toContain("<script>");
  });

  it("are warnings where the plugin can be installed all the same", async () => {
    const text = plugin(
      '{\n  "name": "A",\n  "type": "window",\n  "requirements": ["numpy", "http://a.org/b.js"]\n}',
    );
    const found = await problemsIn(text, "a.imjoy.html");
    expect(found.map(({ line, severity }) => [line, severity])).toEqual([
      [5, "warning"],
      [5, "warning"],
    ]);
  });

  it("are those of plain modules too", async () => {
    expect(await problemsIn("export const a = 1;", "a.mjs")).toMatchObject([{ line: 1 }]);
    expect(await problemsIn("export function f(image) {}", "a.mjs")).toEqual([]);
    expect(await problemsIn("not python", "a.py")).toEqual([]);
  });
});
