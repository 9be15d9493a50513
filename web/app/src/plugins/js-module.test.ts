import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseJoy } from "./joy";
import { type JsFunction, readJsFunctions } from "./js-functions";
import { formOf, pluginFromJsModule } from "./js-module";
import { parsePlugin } from "./parser";

const MODULE = `/** Tools. @version 2.0.0 */
/**
 * @requires https://unpkg.com/a.js
 */

/**
 * Threshold the image.
 *
 * More.
 * @param {Image} image
 * @param {number} [level=0.5] Part of the highest value, 0 to 1
 * @param {"above"|"below"} [keep="above"] What stays
 * @returns {Labels}
 */
export async function threshold(image, level = 0.5, keep = "above", dark = false) {
  return image;
}

export function blurMore(image, { sigma = 2, name = "a, b", pair = [1, 2] } = {}, axes) {}
function hidden() {}
`;

describe("readJsFunctions", () => {
  it("reads parameters, defaults and JSDoc", () => {
    const [threshold, blur] = readJsFunctions(MODULE);
    expect(threshold).toMatchObject({
      name: "threshold",
      about: "Threshold the image.",
      gives: "labels",
    });
    expect(threshold?.parameters.map(({ kind }) => kind)).toEqual([
      "image",
      "number",
      "choose",
      "checkbox",
    ]);
    expect(threshold?.parameters[1]).toMatchObject({ value: 0.5, limits: { min: 0, max: 1 } });
    expect(threshold?.parameters[2]).toMatchObject({ options: ["above", "below"], value: "above" });
    expect(blur?.parameters.map(({ name, within }) => [name, within])).toEqual([
      ["image", null],
      ["sigma", 1],
      ["name", 1],
      ["pair", 1],
      ["axes", null],
    ]);
    expect(blur?.parameters[2]?.value).toBe("a, b");
  });

  it("takes a parameter that is called image for the open one, also where it may be left out", () => {
    const [found] = readJsFunctions("export function f(size = 2, image = null, other = null) {}");
    expect(found?.parameters.map(({ kind }) => kind)).toEqual(["number", "image", "string"]);
  });
});

describe("pluginFromJsModule", () => {
  it("makes a plugin with a form, and leaves the lines where they are", () => {
    const source = parsePlugin(pluginFromJsModule(MODULE, "make-mask.mjs"));
    expect(source.manifest).toMatchObject({ name: "Make mask", type: "web-worker" });
    expect(parseJoy(source.manifest.ui).fields.map(({ id, type }) => [id, type])).toEqual([
      ["level", "number"],
      ["keep", "choose"],
      ["dark", "checkbox"],
    ]);
    expect(source.scripts[0]).toMatchObject({ line: 1, attrs: { type: "module" } });
    expect(source.scripts[0]?.content.startsWith(MODULE.trimEnd())).toBe(true);
  });

  it("runs its functions with the image and the answers", async () => {
    const text = `export function f(image, { times = 2 } = {}) { return [image.shape, times]; }
export function g(image) { return { shape: image.shape }; }`;
    const plugin = load(pluginFromJsModule(text, "f.js"));
    const data = { image: { shape: [2, 3] }, axes: "YX", name: "N" };
    expect(await plugin.run({ data, config: { times: 5 } })).toEqual([[2, 3], 5]);
    expect(await plugin.run({ data, config: {} })).toEqual([[2, 3], 2]);
    await expect(plugin.run({ data: {}, config: {} })).rejects.toThrow("needs an image");
    const shown = load(pluginFromJsModule(text.split("\n")[1] as string, "g.js"));
    expect(await shown.run({ data })).toMatchObject({
      type: "imjoy/image",
      name: "N, G",
      data: { axes: "YX" },
    });
  });

  it("keeps defaults that no form can hold, and offers all functions", async () => {
    const text = `export const second = async (x = 1) => x + 1;
export const third = (1 + 2);
export function sums(weights = [1, 2], opts = { a: 1 }, n = null, u = undefined, k = Infinity, t = "x") {
  return [weights, opts, n, u, k, t];
}`;
    const [second, sums] = readJsFunctions(text);
    expect([second?.name, sums?.name]).toEqual(["second", "sums"]);
    const { fields } = parseJoy(formOf(sums as JsFunction));
    expect(fields.map(({ type, value }) => [type, value])).toEqual([
      ["json", "[1,2]"],
      ["json", '{"a":1}'],
      ["string", ""],
      ["string", ""],
      ["number", null],
      ["string", "x"],
    ]);
    const { run, setup } = load(pluginFromJsModule(text, "sums.mjs"));
    const [operation] = await setup();
    const config = { weights: [1, 2], opts: { a: 1 }, n: "", u: "", k: null, t: "" };
    expect(await operation?.run({ config })).toEqual([
      [1, 2],
      { a: 1 },
      null,
      undefined,
      Infinity,
      "",
    ]);
    expect(operation?.name).toBe("Sums");
    expect(await run({ config: { x: 4 } })).toBe(5);
    expect(await run({ config: {} })).toBe(2);
  });

  it("leaves the bracket of a default out of what is said of a parameter", () => {
    const text =
      "/** @param {number} [far=Infinity] How far\n * @param {number[]} [list=[1, 2]] All */";
    const [one] = readJsFunctions(`${text}\nexport function f(far = Infinity, list = [1, 2]) {}`);
    expect(one?.parameters.map(({ about, kind }) => [about, kind])).toEqual([
      ["How far", "number"],
      ["All", "json"],
    ]);
    const [far] = parseJoy(formOf(one as JsFunction)).fields;
    expect(far).toMatchObject({ optional: true, value: null });
  });

  it("takes the template of the command line", () => {
    const path = "../../../../src/imjoy/plugins/templates/javascript-module.mjs.txt";
    const template = readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
    const source = parsePlugin(pluginFromJsModule(template.replaceAll("@NAME@", "Cut"), "cut.mjs"));
    expect(source.manifest.name).toBe("Cut");
    expect(parseJoy(source.manifest.ui).fields).toHaveLength(2);
  });

  it.each([
    ["const x = 1;", /no exported function/],
    ['\nexport function f() { return "</script>"; }', /^Line 2: .*<\/script>/],
  ])("names what cannot become a plugin", (text, words) => {
    expect(() => pluginFromJsModule(text, "x.mjs")).toThrow(words);
  });
});

/** Runs the script of a plugin made from a module, as the browser would run the module. */
function load(text: string): Loaded {
  const script = parsePlugin(text).scripts[0]?.content.replaceAll(/^export /gm, "") ?? "";
  let exported = {} as { run: Run; setup(): Promise<void> };
  const operations: Operation[] = [];
  const api = {
    export: (plugin: typeof exported) => {
      exported = plugin;
    },
    register: (operation: Operation) => operations.push(operation),
  };
  new Function("api", script)(api);
  return { run: exported.run, setup: () => exported.setup().then(() => operations) };
}

type Run = (context: unknown) => Promise<unknown>;
interface Operation {
  name: string;
  run: Run;
}
interface Loaded {
  run: Run;
  setup(): Promise<Operation[]>;
}
