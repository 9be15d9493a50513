/** Reads the `ui` of a plugin ("joy": text with `{…}` widgets) into form fields. */
import JSON5 from "json5";
import { type FieldType, FORM_FIELDS, type Form, type FormField } from "../model";
import { rgbOf } from "./color-text";
import { manifestError } from "./failure";
import { isRecord } from "./manifest";

const TYPES: Readonly<Record<string, FieldType>> = FORM_FIELDS;
const LIMITS = ["min", "max", "step", "minLength", "maxLength"] as const;
const FLAGS = ["integer", "required", "optional", "multiline"] as const;
const TEXTS = ["unit", "pattern", "accept", "about"] as const;

/** One text from a `ui` of any accepted form: string, list of strings and objects, object, null. */
export function normalizeUi(ui: unknown): string {
  if (ui === null || ui === undefined) return "";
  if (typeof ui === "string") return ui.trim();
  if (Array.isArray(ui)) return ui.map(normalizeItem).join("<br>");
  if (isRecord(ui)) return normalizeItem(ui);
  throw manifestError('"ui" must be text or a list.', "Write it like \"size: {id: 'size', …}\".");
}

function normalizeItem(item: unknown): string {
  if (!isRecord(item)) return typeof item === "string" ? item : String(item);
  return Object.entries(item)
    .map(([label, widget]) => {
      const text = typeof widget === "string" ? widget : JSON.stringify(widget);
      return `${label}: ${text}`;
    })
    .join("<br>");
}

/** Fields and text of a `ui`. A widget that cannot be read is an error that quotes it. */
export function parseJoy(ui: unknown): Form {
  const text = normalizeUi(ui);
  const fields: FormField[] = [];
  let html = "";
  let loose = "";
  for (const part of splitWidgets(text)) {
    if (!part.widget) {
      loose += part.text;
      continue;
    }
    const { label, before } = takeLabel(loose);
    html += before;
    loose = "";
    const field = readWidget(part.text, label);
    if (field) fields.push(field);
  }
  return { fields, html: tidy(html + loose) };
}

/** Splits a text into loose text and top-level `{…}`; quotes and nested brackets are respected. */
function splitWidgets(text: string): { text: string; widget: boolean }[] {
  const parts: { text: string; widget: boolean }[] = [];
  let from = 0;
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", from)) {
    const end = widgetEnd(text, at);
    if (end < 0) break;
    if (at > from) parts.push({ text: text.slice(from, at), widget: false });
    parts.push({ text: text.slice(at, end), widget: true });
    from = end;
  }
  if (from < text.length) parts.push({ text: text.slice(from), widget: false });
  return parts;
}

function widgetEnd(text: string, start: number): number {
  let depth = 0;
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === "\\") at += 1;
    else if (quote) {
      if (char === quote && endsString(text, at)) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** A quote ends a string only where the widget can go on, so that `'it's'` is one string. */
function endsString(text: string, at: number): boolean {
  return /^\s*(?:[,}\]:]|$)/.test(text.slice(at + 1, at + 40));
}

/** The label of a widget is the last line of the text before it, without its colon. */
function takeLabel(loose: string): { label: string; before: string } {
  const cut = Math.max(
    ...["<br>", "<br/>", "<br />", "</p>", "</div>", "\n"].map((mark) => {
      const at = loose.toLowerCase().lastIndexOf(mark);
      return at < 0 ? 0 : at + mark.length;
    }),
  );
  const last = loose.slice(cut);
  const label = stripTags(last)
    .replace(/\s*[:=]\s*$/, "")
    .trim();
  return { label, before: loose.slice(0, cut) };
}

function stripTags(text: string): string {
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function tidy(html: string): string {
  return html.replace(/^(?:\s|<br\s*\/?>)+|(?:\s|<br\s*\/?>)+$/gi, "");
}

function readWidget(text: string, label: string): FormField | null {
  const widget = parseWidget(text);
  const id = widget.dataID ?? widget.id;
  const given = typeof widget.type === "string" ? widget.type : "string";
  const type = Object.hasOwn(TYPES, given) ? TYPES[given] : undefined;
  if (typeof id !== "string" || !type) return null;
  const field: FormField = { id, label: label || id, type, value: null };
  const options = readOptions(widget.options);
  if (type === "choose") field.options = options;
  if (type === "button" && typeof widget.label === "string") field.label = widget.label;
  if (given === "integer") field.integer = true;
  readDetails(widget, field);
  const first = widget.value ?? widget.placeholder ?? null;
  field.value = field.optional && first === null ? null : defaultValue(type, first, options);
  return field;
}

function readDetails(widget: Record<string, unknown>, field: FormField): void {
  const unit = widget.unit ?? widget.suffix;
  const details = { ...widget, unit, about: widget.about ?? widget.description };
  for (const key of LIMITS) {
    const limit = details[key as keyof typeof details] as unknown;
    if (typeof limit === "number") field[key] = limit;
  }
  for (const key of FLAGS) {
    if ((details as Record<string, unknown>)[key] === true) field[key] = true;
  }
  for (const key of TEXTS) {
    const text = (details as Record<string, unknown>)[key];
    if (typeof text === "string" && text) field[key] = text;
  }
}

function parseWidget(text: string): Record<string, unknown> {
  for (const candidate of [text, escapeInnerQuotes(text)]) {
    try {
      const widget: unknown = JSON5.parse(candidate);
      if (isRecord(widget)) return widget;
    } catch {
      // The next spelling is tried; when none can be read the error below says so.
    }
  }
  throw manifestError(
    `The form field ${text} cannot be read.`,
    "Write it like {id: 'size', type: 'number', placeholder: 3}.",
  );
}

function escapeInnerQuotes(text: string): string {
  let out = "";
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === "\\") {
      out += char + (text[at + 1] ?? "");
      at += 1;
    } else if (quote && char === quote && !endsString(text, at)) out += `\\${char}`;
    else {
      if (quote) quote = char === quote ? "" : quote;
      else if (char === '"' || char === "'") quote = char;
      out += char === "\n" && quote ? "\\n" : char;
    }
  }
  return out;
}

function readOptions(options: unknown): { label: string; value: unknown }[] {
  if (!Array.isArray(options)) return [];
  return options.map((option: unknown) =>
    isRecord(option) && "value" in option
      ? { label: String(option.label ?? option.value), value: option.value }
      : { label: String(option), value: option },
  );
}

function defaultValue(
  type: FieldType,
  given: unknown,
  options: { label: string; value: unknown }[],
): unknown {
  switch (type) {
    case "number":
      return Number.isFinite(Number(given ?? 3)) ? Number(given ?? 3) : 0;
    case "choose":
      return options.some(({ value }) => value === given) ? given : (options[0]?.value ?? null);
    case "checkbox":
      return given === true;
    case "color":
      return rgbOf(given);
    case "string":
      return given === null ? "" : String(given);
    case "json":
      return given === null ? "" : typeof given === "string" ? given : JSON.stringify(given);
    case "ops":
      return Array.isArray(given) ? given : [];
    case "region":
      return isRecord(given) ? given : null;
    case "file":
    case "button":
      return null;
  }
}
