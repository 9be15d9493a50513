/** Reads form fields out of a JSON Schema. */
import type { FormField } from "../model";
import { isRecord } from "./manifest";
import { titleOf } from "./title";

type Schema = Record<string, unknown>;

/** True for what is meant as a schema of an object, and not as a list of joy widgets. */
export function isSchema(value: unknown): value is Schema {
  return isRecord(value) && isRecord(value.properties);
}

/** One field for each property, in their order. */
export function fieldsOfSchema(schema: Schema): FormField[] {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).flatMap(([id, property]) => {
    if (!isRecord(property)) return [];
    return [{ ...fieldOf(id, property), ...(required.includes(id) ? { required: true } : {}) }];
  });
}

/**
 * The fields for what `inputs` describes and no window can give: properties with a `default`, and
 * files. Everything else in it is the data that a plugin takes.
 */
export function fieldsOfInputs(inputs: unknown): FormField[] {
  if (!isRecord(inputs)) return [];
  const properties = isRecord(inputs.properties) ? inputs.properties : inputs;
  const asked = Object.entries(properties).filter(
    ([, property]) => isRecord(property) && ("default" in property || isFileProperty(property)),
  );
  return asked.map(([id, property]) => ({ ...fieldOf(id, property as Schema), isData: true }));
}

function isFileProperty(property: Schema): boolean {
  return property.file !== undefined && property.file !== false;
}

function fieldOf(id: string, property: Schema): FormField {
  const field: FormField = {
    id,
    label: textOf(property.title) ?? titleOf(id),
    type: "string",
    value: property.default ?? null,
  };
  const about = textOf(property.description);
  if (about !== undefined) field.about = about;
  const unit = textOf(property.unit) ?? textOf(property["x-unit"]);
  if (unit !== undefined) field.unit = unit;
  const options = optionsOf(property);
  if (options) return { ...field, type: "choose", options, value: startOf(field.value, options) };
  if (isFileProperty(property)) return { ...field, type: "file", ...acceptOf(property.file) };
  return { ...field, ...plainField(property, field.value) };
}

type Details = Partial<FormField> & Pick<FormField, "type">;

/** What kind of field a property without a list of values is. */
function plainField(property: Schema, value: unknown): Details {
  const types = Array.isArray(property.type) ? property.type : [property.type];
  const type = types.find((one) => one !== "null");
  const { format } = property;
  if (format === "region") return { type: "region" };
  if (format === "color") return { type: "color", value: value ?? "#0078d4" };
  switch (type) {
    case "boolean":
      return { type: "checkbox", value: value === true };
    case "number":
      return numberField(property, value, types.includes("null"));
    case "integer":
      return { ...numberField(property, value, types.includes("null")), integer: true };
    case "object":
    case "array":
      return { type: "json", value: value === null ? "" : JSON.stringify(value), multiline: true };
    default:
      return textField(property, value);
  }
}

function numberField(property: Schema, value: unknown, optional: boolean): Details {
  const field: Details = optional ? { type: "number", optional } : { type: "number" };
  const by = [property.type].flat().includes("integer") ? 1 : 0;
  const min = limitOf(property.minimum, property.exclusiveMinimum, by);
  const max = limitOf(property.maximum, property.exclusiveMaximum, -by);
  if (min !== null) field.min = min;
  if (max !== null) field.max = max;
  if (typeof property.multipleOf === "number") field.step = property.multipleOf;
  else if (by) field.step = 1;
  return { ...field, value: typeof value === "number" ? value : optional ? null : (min ?? 0) };
}

function textField(property: Schema, value: unknown): Details {
  const { minLength, maxLength, pattern, format } = property;
  const field: Details = { type: "string", value: value === null ? "" : String(value) };
  if (typeof minLength === "number") field.minLength = minLength;
  if (typeof maxLength === "number") field.maxLength = maxLength;
  if (typeof pattern === "string") field.pattern = pattern;
  if (format === "textarea" || format === "multiline") field.multiline = true;
  return field;
}

function limitOf(limit: unknown, exclusive: unknown, by: number): number | null {
  if (typeof limit === "number") return limit;
  return typeof exclusive === "number" ? exclusive + by : null;
}

function optionsOf(property: Schema): FormField["options"] | null {
  if (Array.isArray(property.enum)) {
    return property.enum.map((value: unknown) => ({ label: String(value), value }));
  }
  const choices = property.oneOf ?? property.anyOf;
  if (!Array.isArray(choices) || !choices.every((one) => isRecord(one) && "const" in one))
    return null;
  return (choices as Schema[]).map((one) => ({
    label: textOf(one.title) ?? String(one.const),
    value: one.const,
  }));
}

function startOf(value: unknown, options: { value: unknown }[]): unknown {
  return options.some((option) => option.value === value) ? value : (options[0]?.value ?? null);
}

/** What the browser's dialog for files shows. */
function acceptOf(file: unknown): { accept?: string } {
  if (!isRecord(file)) return {};
  const list = (value: unknown): string[] =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  const endings = list(file.ext).map((ext) => `.${ext.replace(/^\./, "")}`);
  const accept = [...endings, ...list(file.mime)].join(",");
  return accept ? { accept } : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() ? value.trim() : undefined;
}
