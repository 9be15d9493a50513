/** Tracebacks without the lines of our own program, so that the plugin's lines are seen. */

/** Browsers on WebKit tell nothing but this of what the scripts of a frame without origin throw. */
const HIDDEN = "Script error.";

/** What an uncaught error is, or its text where it is all that the browser gives. */
export function thrownBy({ error, message }: ErrorEvent): unknown {
  if (error !== null && error !== undefined) return error;
  if (message !== HIDDEN) return message;
  return "this browser hides what it was; Chromium and Firefox tell it";
}

/** Takes the lines of the frame's own program out of an error's traceback; gives the error back. */
export function trimStack(error: unknown): unknown {
  if (!(error instanceof Error) || typeof error.stack !== "string") return error;
  try {
    error.stack = trimLines(error.stack);
  } catch {
    // An error that cannot be changed keeps its long traceback.
  }
  return error;
}

export function trimLines(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => !/\b(about:srcdoc|blob:null\/)/.test(line))
    .join("\n");
}
