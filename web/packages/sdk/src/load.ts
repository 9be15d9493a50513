/** Carries out the steps of loading a plugin: libraries, styles, markup and scripts. */
import { RpcError } from "@imjoy/rpc";
import type { LoadStep } from "./messages";
import { mapMarkup, mapStyle } from "./mirror";
import { thrownBy, trimLines } from "./stack";

declare function importScripts(...urls: string[]): void;

const inWorker = typeof document === "undefined";
let mirrored = (address: string): string => address;

/** From now on libraries are loaded from where `map` says. */
export function useMirror(map: (address: string) => string): void {
  mirrored = map;
}

/**
 * Carries out one step.
 * @throws RpcError plugin.load_failed that names file and line, or the address
 */
export async function load(step: LoadStep): Promise<void> {
  switch (step.kind) {
    case "require":
      return require_(step);
    case "script":
      if (step.module) return runModule(step);
      return inWorker ? runInWorker(step) : runInFrame(step);
    case "style":
      return append("style", {}, mapStyle(step.text, mirrored));
    case "link":
      return append("link", step.attrs, "");
    case "data":
      return append("script", { ...step.attrs, type: step.type }, step.text);
    case "html":
      return addMarkup(step.text);
  }
}

// ---- libraries

type Require = Extract<LoadStep, { kind: "require" }>;

async function require_({ as, url, text }: Require): Promise<void> {
  if (inWorker && as === "style") return;
  const types = { script: "text/javascript", module: "text/javascript", style: "text/css" };
  const address =
    text === undefined ? url : URL.createObjectURL(new Blob([text], { type: types[as] }));
  try {
    if (as === "module") await import(/* @vite-ignore */ mirrored(address));
    else if (inWorker) importScripts(address);
    else await addElement(as, address);
  } catch (error) {
    throw libraryError(url, error);
  } finally {
    if (address !== url && as !== "style") URL.revokeObjectURL(address);
  }
}

function addElement(as: "script" | "style", address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement(as === "script" ? "script" : "link");
    if (element instanceof HTMLScriptElement) {
      element.async = false;
      element.src = address;
    } else {
      element.rel = "stylesheet";
      element.href = address;
    }
    element.onload = () => resolve();
    element.onerror = () => reject(new Error("it could not be fetched"));
    document.head.append(element);
  });
}

function libraryError(url: string, error: unknown): RpcError {
  const why = error instanceof Error ? error.message : String(error);
  const own = error instanceof Error && !/fetch|load|network|import/i.test(why);
  const cause = own
    ? `The library ${url} failed: ${why}.`
    : `The library ${url} could not be loaded.`;
  const remedy = own
    ? "Ask the author of the plugin for a version of the library that works."
    : "Check the address and your network, then start the plugin again.";
  return new RpcError("plugin.load_failed", `${cause} ${remedy}`, {
    traceback: null,
    data: { cause, remedy },
  });
}

// ---- markup

function append(name: string, attrs: Record<string, string | true>, text: string): void {
  if (inWorker) return;
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attrs)) {
    element.setAttribute(key, value === true ? "" : value);
  }
  element.textContent = text;
  document.head.append(element);
}

function addMarkup(html: string): void {
  if (inWorker) return;
  const template = document.createElement("template");
  template.innerHTML = html;
  mapMarkup(template.content, mirrored);
  document.body.append(template.content);
}

// ---- scripts

type Script = Extract<LoadStep, { kind: "script" }>;

interface Place {
  name: string;
  message: string;
  line: number;
  stack: string | null;
}

/** The script with its lines where they are in the file, so that every traceback matches the file. */
function withPlace({ text, file, line }: Script): string {
  return `${"\n".repeat(line - 1)}${text}\n//# sourceURL=${file}`;
}

// A script element, and not eval: names declared at the top are then seen by later scripts and by
// handlers in the markup, the code runs in sloppy mode, and even syntax errors come with their line.
function runInFrame(script: Script): void {
  let failure: ErrorEvent | null = null;
  const onError = (event: ErrorEvent): void => {
    failure ??= event;
    event.preventDefault();
  };
  addEventListener("error", onError, true);
  try {
    const element = document.createElement("script");
    element.textContent = withPlace(script);
    document.head.append(element);
  } finally {
    removeEventListener("error", onError, true);
  }
  if (failure) throw scriptError(script, placeOf(failure));
}

// Run from a timer, because only an uncaught error has the line of a syntax error.
function runInWorker(script: Script): Promise<void> {
  const url = URL.createObjectURL(new Blob([withPlace(script)], { type: "text/javascript" }));
  return new Promise((resolve, reject) => {
    const done = (): void => {
      removeEventListener("error", onError as EventListener);
      URL.revokeObjectURL(url);
    };
    const onError = (event: ErrorEvent): void => {
      event.preventDefault();
      done();
      reject(scriptError(script, placeOf(event)));
    };
    addEventListener("error", onError as EventListener);
    setTimeout(() => {
      importScripts(url);
      done();
      resolve();
    });
  });
}

async function runModule(script: Script): Promise<void> {
  const url = URL.createObjectURL(new Blob([withPlace(script)], { type: "text/javascript" }));
  try {
    await import(/* @vite-ignore */ url);
  } catch (error) {
    throw scriptError(script, placeOfError(error, script.file, url));
  } finally {
    URL.revokeObjectURL(url);
  }
}

function placeOf(event: ErrorEvent): Place {
  const error = thrownBy(event);
  const known = error instanceof Error;
  return {
    name: known ? error.name : "Error",
    message: known ? error.message : String(error).replace(/^Uncaught /, ""),
    line: event.lineno,
    stack: known ? (error.stack ?? null) : null,
  };
}

function placeOfError(error: unknown, file: string, url: string): Place {
  const known = error instanceof Error;
  const stack = known ? (error.stack ?? null) : null;
  const at = [file, url].map((name) => stack?.split(name)[1]).find((rest) => rest !== undefined);
  return {
    name: known ? error.name : "Error",
    message: known ? error.message : String(error),
    line: Number(/^:(\d+)/.exec(at ?? "")?.[1] ?? 0),
    stack,
  };
}

function scriptError({ file }: Script, { name, message, line, stack }: Place): RpcError {
  const where = line > 0 ? `${file}, line ${line}` : file;
  // The browser names the function of ours by which the script was run; that is of no use here.
  const own = message.replace(/^Failed to execute '\w+' on '\w+': /, "");
  const cause = `${name}: ${own} (${where})`;
  const remedy = "Correct the script there and install the plugin again.";
  return new RpcError("plugin.load_failed", cause, {
    remoteName: name,
    traceback: stack === null ? null : trimLines(stack),
    data: { cause, remedy, file, line },
  });
}
