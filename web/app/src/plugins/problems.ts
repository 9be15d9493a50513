/** What is wrong with the text of a plugin file, each at its line, before it is installed. */
import type { PluginSource, TextProblem } from "../model";
import { makeCard } from "./card";
import { lineOfKey } from "./config-text";
import { type FailureData, toFailure } from "./failure";
import { parseJoy } from "./joy";
import { parsePlugin } from "./parser";
import { syntaxProblems } from "./script-syntax";

/**
 * The problems of a plugin file, or of a plain module that becomes one.
 * @param mistakesIn finds what is wrong with the scripts
 */
export async function problemsIn(
  text: string,
  file: string,
  mistakesIn: (source: PluginSource) => Promise<TextProblem[]> = syntaxProblems,
): Promise<TextProblem[]> {
  // What a Python module becomes, its engine says when it is saved.
  if (/\.py$/i.test(file)) return [];
  try {
    const source = parsePlugin(await pluginText(text, file));
    const mistakes = await mistakesIn(source);
    return /\.m?js$/i.test(file) ? mistakes : [...mistakes, ...warningsOf(text, source)];
  } catch (error) {
    return [fromError(error)];
  }
}

async function pluginText(text: string, file: string): Promise<string> {
  if (!/\.m?js$/i.test(file)) return text;
  const { pluginFromJsModule } = await import("./js-module");
  return pluginFromJsModule(text, file);
}

function fromError(error: unknown): TextProblem {
  const data = ((error as { data?: unknown }).data ?? {}) as FailureData;
  const { cause, remedy } = toFailure(error, "Reading the plugin file");
  return {
    line: data.line ?? 1,
    column: data.column ?? null,
    severity: "error",
    cause: data.cause ?? cause,
    remedy,
  };
}

function warningsOf(text: string, source: PluginSource): TextProblem[] {
  const at = (key: string): Pick<TextProblem, "line" | "column" | "severity"> => ({
    line: lineOfKey(text, key, 1),
    column: null,
    severity: "warning",
  });
  const found: TextProblem[] = [];
  try {
    parseJoy(source.manifest.ui);
  } catch (error) {
    const { cause, remedy } = toFailure(error, "Reading the form");
    found.push({ ...at("ui"), cause, remedy });
  }
  for (const cause of makeCard(source, { engine: true }).problems) {
    if (cause.includes("requirement") || cause.includes("safe connection")) {
      found.push({ ...at("requirements"), cause, remedy: "Give the https address of a library." });
    }
  }
  return found;
}
