/** Reads the scripts of a plugin for mistakes of syntax, with the browser's own parser and without running them. */
import type { PluginSource, TextProblem } from "../model";
import { indentOf, isJavaScriptType, splitBlocks } from "./blocks";

/** A mistake, at its place in the script where that is known. */
export interface Mistake {
  message: string;
  line: number | null;
  column: number | null;
}

/** Reads Python, as an engine can; one answer for each text. */
export type PythonReader = (texts: string[]) => Promise<(Mistake | null)[]>;

/** Milliseconds; who asks has better things to do than to wait longer. */
export const PATIENCE = 1500;

/** The first mistake in each script of a plugin; none where nobody can read it. */
export async function syntaxProblems(
  source: PluginSource,
  readPython?: PythonReader,
): Promise<TextProblem[]> {
  const { scripts } = source;
  const javascript = scripts.filter(isJavaScript);
  const python = scripts.filter(({ lang }) => ["python", "py", "python3"].includes(lang));
  const noted =
    (kind: string, severity: TextProblem["severity"]) =>
    (list: typeof scripts) =>
    (mistakes: readonly (Mistake | null)[]): TextProblem[] =>
      mistakes.flatMap((found, index) => {
        const script = list[index];
        if (!found || !script) return [];
        const cause = `The ${kind} has a mistake: ${found.message.replace(/\.$/, "")}.`;
        const remedy = "Correct the line.";
        return [{ ...placeIn(source, script.line, found), severity, cause, remedy }];
      });
  const all = await Promise.all([
    readJavaScript(
      javascript.map(({ content, attrs }) => ({ text: content, module: attrs.type === "module" })),
    ).then(noted("JavaScript", "error")(javascript)),
    (python.length > 0 && readPython ? readPython(python.map(({ content }) => content)) : none())
      .catch(none)
      .then(noted("Python", hasOwnPython(source) ? "warning" : "error")(python)),
  ]);
  return all.flat();
}

/** Its Python may know words that the one which reads it does not. */
function hasOwnPython({ manifest }: PluginSource): boolean {
  return /python\s*[=<>~]/i.test(JSON.stringify(manifest.env ?? ""));
}

const none = async (): Promise<null[]> => [];

function isJavaScript({ lang, attrs }: PluginSource["scripts"][number]): boolean {
  return isJavaScriptType(attrs.type) && !("src" in attrs) && ["javascript", "js"].includes(lang);
}

/** Line and column of the file for those of a script, from which its indentation was taken. */
function placeIn(
  { code }: PluginSource,
  first: number,
  { line, column }: Mistake,
): Pick<TextProblem, "line" | "column"> {
  if (line === null || column === null) return { line: first + (line ?? 1) - 1, column: null };
  const block = splitBlocks(code).find((one) => one.type === "script" && one.line === first);
  const taken = indentOf(block?.content ?? "");
  const before = line === 1 ? (block?.column ?? 1) - 1 : 0;
  return { line: first + line - 1, column: column + taken + before };
}

interface Script {
  text: string;
  module: boolean;
}

/**
 * What the worker does: a function is made of a script and never called. A module is imported after a
 * name that leads nowhere, so that it is read and never run; where its mistake is, a function with its other lines says.
 */
const PROGRAM = `
const AsyncFunction = (async () => undefined).constructor;
const blank = (part) => part.replace(/[^\\n]/g, " ");
const STATEMENT = /^[ \\t]*(?:import\\b(?![ \\t]*[.(])[^'"]*?(?:'[^'\\n]*'|"[^"\\n]*")[^\\n;]*;?|export[ \\t]+(?:default\\b)?)/gm;
const readModule = async (text) => {
  const url = URL.createObjectURL(new Blob(['import "imjoy:nowhere";' + text], { type: "text/javascript" }));
  try {
    await import(url);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
  } finally {
    URL.revokeObjectURL(url);
  }
  return null;
};
addEventListener("message", async ({ data: { text, module } }) => {
  const message = module ? await readModule(text) : null;
  if (module && message === null) return postMessage(null);
  // From a timer, because only an uncaught error has a place.
  setTimeout(() => {
    if (module) AsyncFunction('"use strict";' + text.replace(STATEMENT, blank));
    else Function(text);
    postMessage(message && { message, line: null, column: null });
  });
  if (module) postMessage({ expected: message });
});
`;
/** Lines that the browser puts before the text of a function, and letters that are put before a module. */
const HEAD = { lines: 2, letters: '"use strict";'.length };

async function readJavaScript(scripts: readonly Script[]): Promise<(Mistake | null)[]> {
  if (scripts.length === 0 || typeof Worker === "undefined") return [];
  const url = URL.createObjectURL(new Blob([PROGRAM], { type: "text/javascript" }));
  const found: (Mistake | null)[] = [];
  const worker = new Worker(url);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE));
  try {
    for (const script of scripts) found.push(await Promise.race([ask(worker, script), late]));
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
  }
  return found;
}

function ask(worker: Worker, script: Script): Promise<Mistake | null> {
  return new Promise((resolve) => {
    let expected: string | null = null;
    worker.onmessage = ({ data }: MessageEvent<(Mistake & { expected?: string }) | null>) => {
      if (data?.expected !== undefined) expected = data.expected;
      else resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const message = event.message.replace(/^(?:Uncaught )?SyntaxError: /, "");
      // Another mistake than that of the module comes from the lines that were taken out.
      if (expected !== null && expected !== message) {
        resolve({ message: expected, line: null, column: null });
        return;
      }
      const line = event.lineno - HEAD.lines;
      const before = script.module && line === 1 ? HEAD.letters : 0;
      resolve({ message, line, column: event.colno - before });
    };
    worker.postMessage(script);
  });
}
