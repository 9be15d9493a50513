/** Turns the parsed config block of a plugin into a complete, checked manifest. */
import {
  FIELDS_BY_TAG,
  type Manifest,
  NAME_LIMIT,
  OLD_TYPES,
  PLUGIN_TYPES,
  type PluginType,
} from "../model";
import { manifestError } from "./failure";

/** True for plugins that are run by opening a window of theirs. */
export function hasWindow({ type }: { type: PluginType }): boolean {
  return type === "window" || type === "rpc-window" || type === "web-python-window";
}

const TEXT_FIELDS = ["version", "api_version", "description"] as const;
const LIST_FIELDS = ["tags", "flags", "permissions", "requirements", "dependencies"] as const;

/** Where a field stands in the file, so that an error can point at it. */
export type FieldLine = (field: string) => number;

/**
 * Checks and completes a config block.
 * @param tag the tag that the user chose; the first one when null
 * @throws RpcError plugin.manifest
 */
export function readManifest(
  config: unknown,
  tag: string | null,
  lineOf: FieldLine,
): { manifest: Manifest; tag: string | null } {
  if (!isRecord(config)) {
    throw manifestError(
      "The <config> block must hold an object.",
      'Begin it with { and give at least "name" and "type".',
      { line: lineOf("") },
    );
  }
  const fail = (field: string, cause: string, remedy: string): never => {
    throw manifestError(cause, remedy, { line: lineOf(field) });
  };
  const tags = stringList(config.tags, "tags", fail);
  const chosen = chooseTag(tags, tag, fail);
  const fields = selectByTag(config, chosen, fail);
  const manifest = {
    ...fields,
    name: readName(fields.name, fail),
    type: readType(fields, fail),
    tags,
  } as Manifest;
  for (const field of TEXT_FIELDS) manifest[field] = readText(fields[field], field, fail);
  for (const field of LIST_FIELDS) manifest[field] = stringList(fields[field], field, fail);
  manifest.tags = tags;
  manifest.ui = fields.ui ?? null;
  manifest.inputs = fields.inputs ?? null;
  manifest.outputs = fields.outputs ?? null;
  manifest.env = fields.env ?? null;
  manifest.icon = typeof fields.icon === "string" ? fields.icon : null;
  manifest.cover = readCover(fields.cover);
  manifest.defaults = isRecord(fields.defaults) ? fields.defaults : {};
  manifest.runnable = fields.runnable !== false;
  return { manifest, tag: chosen };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Fail = (field: string, cause: string, remedy: string) => never;

function readName(value: unknown, fail: Fail): string {
  const name = typeof value === "string" ? value.trim() : "";
  if (!name) fail("name", "The plugin has no name.", 'Add "name" to the <config> block.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (name.length > NAME_LIMIT || /[/\u0000-\u001f]/.test(name)) {
    fail(
      "name",
      "The plugin's name cannot be used.",
      `Use at most ${NAME_LIMIT} characters, without "/" and line breaks.`,
    );
  }
  return name;
}

function readType(fields: Record<string, unknown>, fail: Fail): PluginType {
  const value = fields.type ?? fields.mode;
  const given = typeof value === "string" ? value : "";
  const type = Object.hasOwn(OLD_TYPES, given) ? OLD_TYPES[given as keyof typeof OLD_TYPES] : given;
  if (!PLUGIN_TYPES.includes(type as PluginType)) {
    const cause = given ? `There is no plugin type "${given}".` : "The plugin has no type.";
    fail("type", cause, `Set "type" to one of: ${PLUGIN_TYPES.join(", ")}.`);
  }
  return type as PluginType;
}

function readText(value: unknown, field: string, fail: Fail): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  return fail(field, `"${field}" must be text.`, "Put its value in quotes.");
}

function readCover(value: unknown): string | string[] | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  return value.filter((entry): entry is string => typeof entry === "string");
}

function stringList(value: unknown, field: string, fail: Fail): string[] {
  if (value === undefined || value === null || value === "") return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value;
  return fail(field, `"${field}" must be a list of texts.`, 'Write it like ["one", "two"].');
}

function chooseTag(tags: string[], asked: string | null, fail: Fail): string | null {
  if (asked === null || asked === "") return tags[0] ?? null;
  if (tags.includes(asked)) return asked;
  const offered = tags.length > 0 ? `It has: ${tags.join(", ")}.` : "It has no tags.";
  return fail("tags", `The plugin has no tag "${asked}".`, offered);
}

function selectByTag(
  config: Record<string, unknown>,
  tag: string | null,
  fail: Fail,
): Record<string, unknown> {
  const selected: Record<string, unknown> = { ...config };
  for (const field of FIELDS_BY_TAG) {
    const value = config[field];
    // A form may be written as a JSON Schema.
    if (!isRecord(value) || (field === "ui" && "properties" in value)) continue;
    if (tag === null) {
      fail(
        field,
        `"${field}" is an object, which is only possible for a plugin with tags.`,
        'Add "tags", or write its value directly.',
      );
    }
    selected[field] = Object.hasOwn(value, tag as string) ? value[tag as string] : undefined;
  }
  return selected;
}
