import { describe, expect, it } from "vitest";
import { parseJoy } from "./joy";

describe("parseJoy", () => {
  it("reads number, choose and string with their labels", () => {
    const { fields, html } = parseJoy([
      "Settings of the <b>plugin</b>",
      "size: {id: 'size', type: 'number', placeholder: 3, min: 1, max: 9, step: 2}",
      "method {id:'m', type:'choose', options:['otsu', {label: 'By hand', value: 7}], placeholder:'otsu'}",
      { "file name": { id: "f", type: "string", placeholder: "a.tif" } },
    ]);
    expect(fields).toEqual([
      { id: "size", label: "size", type: "number", value: 3, min: 1, max: 9, step: 2 },
      {
        id: "m",
        label: "method",
        type: "choose",
        value: "otsu",
        options: [
          { label: "otsu", value: "otsu" },
          { label: "By hand", value: 7 },
        ],
      },
      { id: "f", label: "file name", type: "string", value: "a.tif" },
    ]);
    expect(html).toBe("Settings of the <b>plugin</b>");
  });

  it.each([
    [
      "http://example.org/a?b={c}",
      "{id:'x', type:'string', placeholder:'http://example.org/a?b={c}'}",
    ],
    ["10:30", "{id:'x', type:'string', placeholder:'10:30'}"],
    ["it's", `{id:'x', type:'string', placeholder:'it's'}`],
    ["it's", `{id:"x", type:"string", placeholder:"it's"}`],
    ['say "a"', `{id:'x', type:'string', placeholder:'say "a"'}`],
    ["", "{id:'x', type:'string'}"],
  ])("takes %s in a text", (value, ui) => {
    expect(parseJoy(ui).fields[0]?.value).toBe(value);
  });

  it("leaves numbers out that may be left out, and reads JSON", () => {
    const { fields } = parseJoy([
      "{id: 'a', type: 'number', optional: true, placeholder: null}",
      "{id: 'b', type: 'number', optional: true, placeholder: 2}",
      "{id: 'c', type: 'number', placeholder: null}",
      "{id: 'd', type: 'json', placeholder: [1, {x: 2}]}",
      "{id: 'e', type: 'json', placeholder: '[1]'}",
    ]);
    expect(fields.map(({ value }) => value)).toEqual([null, 2, 3, '[1,{"x":2}]', "[1]"]);
  });

  it("keeps the type of chosen values and falls back to the first", () => {
    const field = parseJoy("{id:'x', type:'choose', options:[1, 2, 'a b:c'], placeholder: 9}")
      .fields[0];
    expect(field?.value).toBe(1);
    expect(field?.options?.[2]?.value).toBe("a b:c");
  });

  it.each([null, undefined, "", "only text", []])("has no fields for %j", (ui) => {
    expect(parseJoy(ui).fields).toEqual([]);
  });

  it("leaves unknown widgets out and quotes one that cannot be read", () => {
    expect(parseJoy("{id:'x', type:'save'}").fields).toEqual([]);
    expect(() => parseJoy("n: {id 'x'}")).toThrow(/\{id 'x'\}/);
  });
});
