/** Completion of the functions of `api`, with what they do, and of the fields of the manifest. */

import table from "virtual:imjoy-api";
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import schema from "../../../../../protocol/manifest.schema.json";
import { PLUGIN_TYPES } from "../../model";
import { type ApiEntry, apiOptions } from "./api-names";

const OPTIONS = { camel: apiOptions(table, "camel"), snake: apiOptions(table, "snake") };

/** Offers what stands behind `api.`, in the spelling of the language. */
export function apiCompletion(spelling: "camel" | "snake") {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(/\bapi\s*\.\s*\w*/);
    if (!before) return null;
    const from = before.to - (/\w*$/.exec(before.text)?.[0].length ?? 0);
    return { from, options: OPTIONS[spelling].map(toCompletion), validFor: /^\w*$/ };
  };
}

function toCompletion(entry: ApiEntry): Completion {
  const isFunction = entry.signature.startsWith("(") || entry.signature === "";
  return {
    label: entry.name,
    type: isFunction ? "function" : "property",
    info: () => describe(entry),
  };
}

function describe({ name, signature, does }: ApiEntry): HTMLElement {
  const element = document.createElement("div");
  const code = document.createElement("code");
  const text = document.createElement("p");
  code.textContent = `api.${name}${signature}`;
  text.textContent = does.replaceAll("`", "");
  element.append(text, code);
  return element;
}

/** Offers the fields of the `<config>` block, and the types of plugins as values. */
export function manifestCompletion(context: CompletionContext): CompletionResult | null {
  const value = context.matchBefore(/"type"\s*:\s*"[\w-]*/);
  if (value) {
    const from = value.from + value.text.lastIndexOf('"') + 1;
    return { from, options: PLUGIN_TYPES.map((label) => ({ label, type: "enum" })) };
  }
  const key = context.matchBefore(/(?:^|[{,])\s*"\w*/);
  if (!key) return null;
  return { from: key.from + key.text.lastIndexOf('"') + 1, options: FIELDS, validFor: /^\w*$/ };
}

const FIELDS: Completion[] = Object.entries(schema.properties).map(([label, field]) => ({
  label,
  type: "property",
  ...("description" in field ? { info: field.description } : {}),
}));
