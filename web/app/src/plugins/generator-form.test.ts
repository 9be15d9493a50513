import { expect, it } from "vitest";
import { fieldsOfGenerator } from "./generator-form";

it("reads the words of vue-form-generator", () => {
  const fields = fieldsOfGenerator({
    fields: [
      {
        type: "input",
        inputType: "number",
        label: "Speed",
        model: "speed",
        min: 1,
        required: true,
      },
      { type: "select", model: "modeName", values: ["a", { id: 2, name: "two" }], hint: "Which." },
      { type: "textArea", model: "notes" },
      { type: "submit", buttonText: "Go" },
      { type: "label" },
      "nothing",
    ],
    groups: [{ fields: [{ type: "checkbox", model: "on", default: true }] }],
  });
  expect(fields).toEqual([
    { id: "speed", label: "Speed", type: "number", value: 0, min: 1, required: true },
    {
      id: "modeName",
      label: "Mode name",
      type: "choose",
      value: null,
      options: [
        { label: "a", value: "a" },
        { label: "two", value: 2 },
      ],
      about: "Which.",
    },
    { id: "notes", label: "Notes", type: "string", value: "", multiline: true },
    { id: "Go", label: "Go", type: "button", value: null },
    { id: "on", label: "On", type: "checkbox", value: true },
  ]);
  expect(fieldsOfGenerator(null)).toEqual([]);
});
