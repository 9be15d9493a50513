/** Reads forms in the words of vue-form-generator, which `imjoy/schema-io` has been given so far. */
import type { FieldType, FormField } from "../model";
import { isRecord } from "./manifest";
import { titleOf } from "./title";

const TYPES: Record<string, FieldType> = {
  input: "string",
  text: "string",
  textArea: "string",
  number: "number",
  range: "number",
  slider: "number",
  rangeSlider: "number",
  select: "choose",
  radios: "choose",
  selectEx: "choose",
  checkbox: "checkbox",
  switch: "checkbox",
  color: "color",
  submit: "button",
  button: "button",
  upload: "file",
  image: "file",
  file: "file",
};

/** The fields of `{fields: [{type, inputType, model, label, values, min, max, …}], groups: […]}`. */
export function fieldsOfGenerator(schema: unknown): FormField[] {
  if (!isRecord(schema)) return [];
  const groups = [schema, ...(Array.isArray(schema.groups) ? schema.groups : [])];
  return groups.flatMap((group) => {
    const fields = isRecord(group) && Array.isArray(group.fields) ? group.fields : [];
    return fields.filter(isRecord).flatMap(fieldOf);
  });
}

function fieldOf(given: Record<string, unknown>): FormField[] {
  const wanted = given.type === "input" ? (given.inputType ?? "input") : given.type;
  const type = TYPES[String(wanted)] ?? "string";
  const id = String(given.model ?? given.id ?? given.buttonText ?? given.label ?? "");
  if (!id) return [];
  const label = given.buttonText ?? given.label ?? titleOf(id);
  const field: FormField = { id, label: String(label), type, value: startOf(type, given.default) };
  if (type === "choose") field.options = optionsOf(given.values);
  for (const key of ["min", "max", "step"] as const) {
    if (typeof given[key] === "number") field[key] = given[key];
  }
  if (given.required === true) field.required = true;
  if (wanted === "textArea") field.multiline = true;
  if (typeof given.hint === "string") field.about = given.hint;
  return [field];
}

function startOf(type: FieldType, given: unknown): unknown {
  if (given !== undefined) return given;
  return { number: 0, string: "", checkbox: false, color: "#0078d4" }[type as "number"] ?? null;
}

function optionsOf(values: unknown): { label: string; value: unknown }[] {
  if (!Array.isArray(values)) return [];
  return values.map((value: unknown) =>
    isRecord(value)
      ? { label: String(value.name ?? value.id), value: value.id ?? value.value }
      : { label: String(value), value },
  );
}
