/** The form of a plugin or of one of its operations, from whatever describes it. */
import type { Form, FormField } from "../model";
import { parseJoy } from "./joy";
import { fieldsOfInputs, fieldsOfSchema, isSchema } from "./schema-form";

/**
 * @param ui text with widgets, a list of them, or a JSON Schema
 * @param inputs what of it no window can give is asked for too
 * @throws RpcError plugin.manifest
 */
export function readForm(ui: unknown, inputs: unknown = null): Form {
  const parts = Array.isArray(ui) ? ui : [ui];
  const schemas = parts.filter(isSchema);
  const widgets = schemas.length > 0 ? parts.filter((part) => !isSchema(part)) : ui;
  const { fields, html } = parseJoy(widgets);
  const all = [...fields, ...schemas.flatMap(fieldsOfSchema), ...fieldsOfInputs(inputs)];
  return { fields: withoutDoubles(all), html };
}

/** The answers: what was answered before where there is something, else what the field begins with. */
export function answersOf(
  fields: FormField[],
  answers: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    fields.map(({ id, value }) => [id, Object.hasOwn(answers, id) ? answers[id] : value]),
  );
}

function withoutDoubles(fields: FormField[]): FormField[] {
  const seen = new Set<string>();
  return fields.filter(({ id }) => !seen.has(id) && seen.add(id));
}
