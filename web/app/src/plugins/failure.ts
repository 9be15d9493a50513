/** Errors with a code, and the way from any thrown value to a sentence for the user. */
import { RpcError } from "@imjoy/rpc";
import type { Failure } from "../model";

/** What an error may carry in `data` so that the user is told what to do. */
export interface FailureData {
  step?: string;
  cause?: string;
  remedy?: string;
  detail?: string;
  /** The cause names it, with the line. */
  file?: string;
  line?: number;
  column?: number;
}

/** A place in a text, from 1. */
interface Place {
  line: number | undefined;
  column: number | null | undefined;
}

/** Makes an error of one of the codes in protocol/model.json. */
export function codedError(code: string, message: string, data?: FailureData): RpcError {
  // Where in the workbench it was made tells the user nothing.
  return new RpcError(code, message, { data: data ?? null, traceback: null });
}

/** The plugin file is not valid; `line` and `column` count from 1 in the file. */
export function manifestError(
  cause: string,
  remedy: string,
  { line, column }: Partial<Place> = {},
): RpcError {
  const message = `${placeInWords({ line, column })}${cause} ${remedy}`;
  const known = { ...(line && { line }), ...(column && { column }) };
  return codedError("plugin.manifest", message, { cause, remedy, ...known });
}

/** Line and column before a sentence; nothing where they are not known. */
export function placeInWords({ line, column }: Partial<Place>): string {
  if (line === undefined) return "";
  return column === undefined || column === null
    ? `Line ${line}: `
    : `Line ${line}, column ${column}: `;
}

const REMEDIES: Record<string, string> = {
  "plugin.manifest": "Correct the plugin file and install it again.",
  "plugin.error": "Read the log of the plugin, or change its settings and run it again.",
  "plugin.crashed": "Start the plugin again; its log tells what happened last.",
  "plugin.load_failed": "Correct the plugin file, or tell its author.",
  "rpc.peer_gone": "Start the plugin again.",
  "rpc.peer_unknown": "Start the plugin again.",
  "rpc.engine_restarted": "Run it again.",
  "rpc.timeout": "Try again; if it happens again, stop the plugin and read its log.",
  "rpc.cancelled": "Run it again when you want the result.",
  "rpc.method_not_found": "Ask the author of the plugin to export a function of this name.",
  "auth.required": "Sign in with the address that the engine printed.",
  "auth.bad_token": "Sign in with the address that the engine printed.",
};

const FULL = {
  cause: "The browser keeps no more for this page: its room is used up.",
  remedy:
    "Export the workspace as a file, then delete workspaces that you no longer need, or free space on the disk.",
  code: "app.full",
};

/** True when an error says that the work was stopped on request. */
export function isCancelled(error: unknown): boolean {
  return error instanceof RpcError && error.code === "rpc.cancelled";
}

/** Turns whatever was thrown into a failure that names the step, the cause and the remedy. */
export function toFailure(error: unknown, step: string): Failure {
  if (!(error instanceof Error)) {
    const cause = typeof error === "string" ? error : "Something that is no error was thrown.";
    return { step, cause, remedy: REMEDIES["plugin.error"] as string, code: "plugin.error" };
  }
  if (error.name === "QuotaExceededError") return { step, ...FULL };
  const code = "code" in error && typeof error.code === "string" ? error.code : "plugin.error";
  const data = { ...unreached(error.message), ...mistaken(error.message), ...dataOf(error) };
  const place = data.file === undefined ? placeInWords(data) : "";
  const failure: Failure = {
    step: data.step ?? step,
    cause: data.cause ? place + data.cause : `${nameOf(error)}${error.message}`,
    remedy: data.remedy ?? REMEDIES[code] ?? "Try again; if it happens again, tell the author.",
    code,
  };
  const detail = data.detail ?? tracebackOf(error);
  if (detail) failure.detail = detail;
  return failure;
}

/** What to do when an address could not be fetched, as the program of frames says it, or `requests` of Python. */
function unreached(message: string): FailureData {
  const found =
    /^Failed to fetch https?:\/\/([^\s/?#]+)\S*(, which the plugin may not reach)?$/.exec(message);
  const asked = /^HTTPS?ConnectionPool\(host='([^']+)'.* Max retries exceeded/.exec(message);
  const [, host, forbidden] = found ?? asked ?? [];
  if (host === undefined) return {};
  return {
    remedy: forbidden
      ? `Let the plugin reach ${host} in its permissions, then run it again.`
      : `Check that your computer reaches ${host}. If it has gone for good, tell the author.`,
  };
}

/** What to do about the usual mistakes of those who write a plugin. */
function mistaken(message: string): FailureData {
  const known = MISTAKES.find(([pattern]) => pattern.test(message));
  if (!known) return {};
  const [pattern, remedy] = known;
  return { remedy: remedy.replace("{name}", pattern.exec(message)?.[1] ?? "") };
}

const MISTAKES: [RegExp, string][] = [
  [
    /^No module named '(\w+)/,
    "Add the package that has the module {name} to the requirements of the plugin.",
  ],
  [
    /^cannot import name '\w+' from 'js'|^js\.\w+ is only there in the browser/,
    "Give the plugin the type web-python-window, in which it has a page.",
  ],
  [
    /^(?:document|window) is not defined$/,
    "A worker has no page: give the plugin the type iframe or window.",
  ],
];

function nameOf(error: Error): string {
  const remote = "remoteName" in error ? error.remoteName : undefined;
  const code = "code" in error ? error.code : "";
  if (code === "plugin.error" && typeof remote === "string" && remote) return `${remote}: `;
  return "";
}

function tracebackOf(error: Error): string | undefined {
  const traceback = "traceback" in error ? error.traceback : undefined;
  return typeof traceback === "string" && traceback ? traceback : undefined;
}

function dataOf(error: Error): FailureData {
  // The errors of the data readers carry step, cause and remedy themselves.
  const own = error as unknown as Record<string, unknown>;
  const data = (typeof own.data === "object" && own.data !== null ? own.data : own) as Record<
    string,
    unknown
  >;
  const text = (key: string): string | undefined =>
    typeof data[key] === "string" && data[key] !== "" ? (data[key] as string) : undefined;
  const found: FailureData = {};
  for (const key of ["step", "cause", "remedy", "detail", "file"] as const) {
    const value = text(key);
    if (value !== undefined) found[key] = value;
  }
  for (const key of ["line", "column"] as const) {
    const value = data[key];
    if (typeof value === "number") found[key] = value;
  }
  return found;
}
