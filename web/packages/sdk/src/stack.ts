/** Tracebacks without the lines of our own program, so that the plugin's lines are seen. */

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
