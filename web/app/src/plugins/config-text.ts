/** Reads the text of a `<config>` block: JSON, JSON as people write it, or YAML. */
import * as YAML from "js-yaml";
import JSON5 from "json5";
import { manifestError } from "./failure";

/**
 * Parses JSON, JSON5 with raw line breaks in strings, or YAML.
 * @param firstLine the line of the file on which `text` begins, for error messages
 * @param firstColumn its column there
 */
export function parseConfigText(
  text: string,
  lang: string,
  firstLine: number,
  firstColumn = 1,
): unknown {
  if (lang === "yaml" || lang === "yml") return parseYaml(text, firstLine, firstColumn);
  try {
    return JSON.parse(text);
  } catch {
    return parseLenient(text, firstLine, firstColumn);
  }
}

function parseLenient(text: string, firstLine: number, firstColumn: number): unknown {
  try {
    return JSON5.parse(keepLineBreaks(text));
  } catch (error) {
    const place = error as { lineNumber?: number; columnNumber?: number; message: string };
    const line = firstLine + (place.lineNumber ?? 1) - 1;
    const before = line === firstLine ? firstColumn - 1 : 0;
    const what = place.message
      .replace(/^JSON5: /, "")
      .replace(/ at \d+:\d+$/, "")
      .replace(/'\\(["'\\])'/, "'$1'");
    throw manifestError(
      `The <config> block is not valid JSON (${what}).`,
      "Look for a missing comma, quote or bracket there.",
      place.columnNumber === undefined ? { line } : { line, column: before + place.columnNumber },
    );
  }
}

function parseYaml(text: string, firstLine: number, firstColumn: number): unknown {
  try {
    // The core schema, as YAML 1.2 has it: a version such as 2020-01-01 stays a text.
    return YAML.load(text, { schema: YAML.CORE_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAML.YAMLException)) throw error;
    const mark = error.mark as { line: number; column: number } | undefined;
    const column = (mark?.column ?? 0) + (mark?.line === 0 ? firstColumn : 1);
    throw manifestError(
      `The <config> block is not valid YAML (${error.reason}).`,
      "Check the indentation and the colons there.",
      mark ? { line: firstLine + mark.line, column } : { line: firstLine },
    );
  }
}

/**
 * Turns raw line breaks inside strings into `\n`. A line continuation follows each,
 * so that the line numbers of errors stay those of the file.
 */
export function keepLineBreaks(text: string): string {
  let out = "";
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    const next = text[at + 1];
    if (quote) {
      if (char === "\\") {
        out += char + (next ?? "");
        at += 1;
        continue;
      }
      if (char === quote) quote = "";
      out += char === "\n" ? "\\n\\\n" : char;
    } else if (char === "/" && (next === "/" || next === "*")) {
      const end = next === "/" ? text.indexOf("\n", at) : text.indexOf("*/", at + 2) + 1;
      const stop = end <= at ? text.length - 1 : next === "/" ? end - 1 : end;
      out += text.slice(at, stop + 1);
      at = stop;
    } else {
      if (char === '"' || char === "'") quote = char;
      out += char;
    }
  }
  return out;
}

/** The line of the file on which a key of the config block stands, for errors about its value. */
export function lineOfKey(text: string, key: string, firstLine: number): number {
  const pattern = new RegExp(`(^|[\\s{,])["']?${key}["']?\\s*:`);
  const found = pattern.exec(text);
  if (!found) return firstLine;
  const before = text.slice(0, found.index + (found[1] ?? "").length);
  return firstLine + before.split("\n").length - 1;
}
