import { describe, expect, it } from "vitest";
import { readForm } from "./form";
import { fieldsOfInputs, fieldsOfSchema } from "./schema-form";

const properties = {
  sigma: {
    type: "number",
    minimum: 0,
    maximum: 5,
    default: 1.5,
    unit: "px",
    description: "Width.",
  },
  times: { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10, multipleOf: 2 },
  mode: { enum: ["fast", 2], default: 2, title: "How" },
  named: { oneOf: [{ const: "a", title: "First" }, { const: "b" }] },
  invert: { type: "boolean", default: true },
  name: { type: ["string", "null"], minLength: 2, maxLength: 5, pattern: "^a", default: "ab" },
  notes: { type: "string", format: "textarea" },
  tint: { type: "string", format: "color", default: "#ff0000" },
  table: { file: { ext: ["csv", ".tsv"], mime: "text/plain" } },
  part: { type: "object", format: "region" },
  weights: { type: "array", default: [1, 2] },
  filterSize: {},
};

describe("fieldsOfSchema", () => {
  it("makes a field of each property", () => {
    const fields = fieldsOfSchema({ properties, required: ["name"] });
    const byId = Object.fromEntries(fields.map((field) => [field.id, field]));
    expect(byId).toMatchObject({
      sigma: { type: "number", min: 0, max: 5, value: 1.5, unit: "px", about: "Width." },
      times: { type: "number", integer: true, min: 1, max: 9, step: 2, value: 1 },
      mode: { type: "choose", label: "How", value: 2 },
      named: {
        type: "choose",
        value: "a",
        options: [{ label: "First", value: "a" }, { label: "b" }],
      },
      invert: { type: "checkbox", value: true },
      name: {
        type: "string",
        minLength: 2,
        maxLength: 5,
        pattern: "^a",
        required: true,
        value: "ab",
      },
      notes: { type: "string", multiline: true, value: "" },
      tint: { type: "color", value: "#ff0000" },
      table: { type: "file", accept: ".csv,.tsv,text/plain", value: null },
      part: { type: "region", value: null },
      weights: { type: "json", value: "[1,2]" },
      filterSize: { type: "string", label: "Filter size", value: "" },
    });
    expect(fields).toHaveLength(12);
  });

  it("lets a number be left out that may be null", () => {
    const [free, given] = fieldsOfSchema({
      properties: {
        free: { type: ["integer", "null"], minimum: 1 },
        given: { type: ["null", "number"], default: 2 },
      },
    });
    expect(free).toMatchObject({ type: "number", optional: true, integer: true, value: null });
    expect(given).toMatchObject({ type: "number", optional: true, value: 2 });
  });

  it("asks of inputs only for what no window can give", () => {
    const inputs = {
      properties: {
        image: { ndarray: { ndim: 2 } },
        sigma: { type: "number", default: 2 },
        table: { file: {} },
      },
    };
    expect(fieldsOfInputs(inputs).map(({ id, isData }) => [id, isData])).toEqual([
      ["sigma", true],
      ["table", true],
    ]);
    expect(fieldsOfInputs(null)).toEqual([]);
    expect(fieldsOfInputs({ type: "object", file: { ext: "csv" } })).toEqual([]);
  });
});

describe("readForm", () => {
  it("takes a schema, widgets, and both in one list; a field twice counts once", () => {
    expect(readForm({ properties: { a: {} } }).fields.map(({ id }) => id)).toEqual(["a"]);
    const mixed = ["A {id: 'a', type: 'number'}", { properties: { a: {}, b: {} } }];
    expect(readForm(mixed).fields.map(({ id, type }) => `${id} ${type}`)).toEqual([
      "a number",
      "b string",
    ]);
    expect(readForm("<b>text</b>").html).toBe("<b>text</b>");
  });
});
