/** Reads the exported functions of a JavaScript module: parameters, defaults and JSDoc; nothing runs. */
import JSON5 from "json5";
import { limitsIn, type WordedLimits } from "./worded-limits";

export type ParameterKind =
  | "image"
  | "labels"
  | "axes"
  | "number"
  | "choose"
  | "checkbox"
  | "json"
  | "string";

export interface JsParameter {
  name: string;
  kind: ParameterKind;
  required: boolean;
  value?: unknown;
  options: unknown[];
  limits: WordedLimits;
  about: string;
  /** The place of the object that it is a field of, when it is one (`{ sigma = 1 }`). */
  within: number | null;
}

export interface JsFunction {
  name: string;
  about: string;
  parameters: JsParameter[];
  gives: "image" | "labels" | "";
}

interface Tag {
  name: string;
  type: string;
  text: string;
}

const COMMENT = /(\/\*\*(?:[^*]|\*(?!\/))*\*\/\s*)?/.source;
const NAME = /([A-Za-z_$][\w$]*)/.source;
const DECLARED = `(?:default\\s+)?(?:async\\s+)?function\\s*${NAME}\\s*`;
const ASSIGNED = `const\\s+${NAME}\\s*=\\s*(?:async\\s*)?(function\\s*[\\w$]*\\s*)?`;
const EXPORTED = new RegExp(`${COMMENT}export\\s+(?:${DECLARED}|${ASSIGNED})\\(`, "g");
const IMAGE = /^(?:image|ndarray|array)$/i;
const LABELS = /^(?:labels|mask|segmentation)$/i;

export function readJsFunctions(code: string): JsFunction[] {
  return [...code.matchAll(EXPORTED)].flatMap((match) => {
    const [whole, comment, declared, assigned, isFunction] = match;
    const open = match.index + whole.length;
    const end = closing(code, open - 1);
    // What is in brackets without an arrow behind them is a value.
    const isArrow = /^\s*=>/.test(code.slice(end + 1, end + 40));
    if (assigned !== undefined && !isFunction && !isArrow) return [];
    const docs = readTags(comment ?? "");
    const returns = docs.tags.find(({ name }) => /^returns?$/.test(name))?.type ?? "";
    const list = splitTop(code.slice(open, end));
    return {
      name: (declared ?? assigned) as string,
      about: docs.about,
      parameters: list.flatMap((text, place) => readParameter(text, place, docs.tags)),
      gives: LABELS.test(returns) ? "labels" : IMAGE.test(returns) ? "image" : "",
    };
  });
}

/** The first paragraph and the tags of a JSDoc comment. */
export function readTags(comment: string): { about: string; tags: Tag[] } {
  const text = comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, ""))
    .join("\n");
  const [first = "", ...rest] = text.split(/^@/m);
  const tags = rest.map((part) => {
    const found = /^(\w+)\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\})?\s*([\s\S]*)$/.exec(part);
    return {
      name: found?.[1] ?? "",
      type: found?.[2]?.trim() ?? "",
      text: (found?.[3] ?? "").replace(/\s+/g, " ").trim(),
    };
  });
  const paragraph = first.trim().split(/\n\s*\n/)[0] ?? "";
  return { about: paragraph.replace(/\s+/g, " ").trim(), tags };
}

function readParameter(text: string, place: number, tags: Tag[]): JsParameter[] {
  const plain = text.trim();
  if (!plain || plain.startsWith("...")) return [];
  if (plain.startsWith("{")) {
    const inside = plain.slice(1, closing(plain, 0));
    return splitTop(inside).flatMap((field) => {
      const found = readOne(field, tags, false);
      return found ? [{ ...found, within: place }] : [];
    });
  }
  const found = readOne(plain, tags, place === 0);
  return found ? [{ ...found, within: null }] : [];
}

function readOne(text: string, tags: Tag[], first: boolean): Omit<JsParameter, "within"> | null {
  const found = /^\s*([A-Za-z_$][\w$]*)\s*(?::\s*[\w$]+\s*)?(?:=\s*([\s\S]+))?$/.exec(text);
  const name = found?.[1];
  if (!name) return null;
  const value = found?.[2] === undefined ? undefined : constant(found[2]);
  const tag = tags.find(
    (one) =>
      one.name === "param" &&
      new RegExp(`^\\[?(?:\\w+\\.)?${name.replace("$", "\\$")}\\b`).test(one.text),
  );
  const about = aboutIn(tag?.text ?? "");
  const options = choices(tag?.type ?? "");
  return {
    name,
    kind: kindOf(name, tag?.type ?? "", value, options, first && found?.[2] === undefined),
    required: found?.[2] === undefined,
    ...(value === undefined ? {} : { value }),
    options,
    limits: limitsIn(about),
    about,
  };
}

/** The text behind the name of a parameter, which may be in brackets with its default. */
function aboutIn(text: string): string {
  const behind = text.startsWith("[") ? text.slice(closing(text, 0) + 1) : text.replace(/^\S+/, "");
  return behind.replace(/^\s*-?\s*/, "");
}

function kindOf(
  name: string,
  type: string,
  value: unknown,
  options: unknown[],
  first: boolean,
): ParameterKind {
  const plain = type.replace(/[?!=]/g, "");
  if (options.length > 0) return "choose";
  if (name === "axes" && value === undefined) return "axes";
  if (LABELS.test(plain) || (LABELS.test(name) && value === undefined && !plain)) return "labels";
  if (IMAGE.test(plain) || (first && !plain)) return "image";
  if (IMAGE.test(name) && !plain && (value ?? null) === null) return "image";
  if (plain === "boolean" || typeof value === "boolean") return "checkbox";
  if (plain === "number" || typeof value === "number") return "number";
  return typeof value === "object" && value !== null ? "json" : "string";
}

/** The values of a type like `"fast"|"exact"`. */
function choices(type: string): unknown[] {
  const parts = type
    .replace(/^\(|\)$/g, "")
    .split("|")
    .map((part) => part.trim());
  if (!parts.every((part) => /^(["']).*\1$|^-?\d+(\.\d+)?$/.test(part))) return [];
  return parts.map(constant);
}

function constant(text: string): unknown {
  try {
    return JSON5.parse(text.trim());
  } catch {
    return undefined;
  }
}

/** Where the bracket that opens at `start` is closed. */
function closing(text: string, start: number): number {
  let depth = 0;
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === "\\") at += 1;
    else if (quote) quote = char === quote ? "" : quote;
    else if (`"'\``.includes(char)) quote = char;
    else if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char)) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}

/** Splits at commas that are in no bracket and no string. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if ("([{".includes(char)) at = closing(text, at);
    else if (`"'\``.includes(char)) at = Math.max(at, text.indexOf(char, at + 1));
    else if (char === ",") {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
