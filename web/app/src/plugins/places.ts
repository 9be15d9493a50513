/** Finds the lines of a plugin file that an error, a traceback or a log names. */

export interface Place {
  line: number;
  column: number | null;
}

/** The places of a file that a text names, the one where it went wrong first. */
export function placesIn(text: string, names: readonly string[]): Place[] {
  const file = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const found = file ? [...text.matchAll(patternFor(file))].map(placeOf) : [];
  const manifest = /^(?:.*: )?Line (\d+)(?:, column (\d+))?: /m.exec(text);
  if (manifest) found.unshift(toPlace(manifest[1], manifest[2]));
  // Python names the caller first, JavaScript the line that failed.
  const ordered = /^\s*File "/m.test(text) ? found.reverse() : found;
  return ordered.filter(
    ({ line }, at) => line > 0 && ordered.findIndex((other) => other.line === line) === at,
  );
}

function patternFor(file: string): RegExp {
  return new RegExp(
    `File "(?:${file})", line (\\d+)|(?:${file})(?:, line |:)(\\d+)(?::(\\d+))?`,
    "g",
  );
}

function placeOf([, python, line, column]: RegExpMatchArray): Place {
  return toPlace(python ?? line, column);
}

function toPlace(line: string | undefined, column: string | undefined): Place {
  return { line: Number(line), column: column === undefined ? null : Number(column) };
}
