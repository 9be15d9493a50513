/** The names of `api` in both spellings, and calls of functions that it does not have. */
import type { TextProblem } from "../../model";

export interface ApiEntry {
  name: string;
  signature: string;
  does: string;
}

/** `showMessage` is `show_message`; constants stay as they are. */
export function snake(name: string): string {
  if (name === name.toUpperCase()) return name;
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function apiOptions(table: readonly ApiEntry[], spelling: "camel" | "snake"): ApiEntry[] {
  if (spelling === "camel") return [...table];
  return table.map((entry) => ({ ...entry, name: snake(entry.name) }));
}

/** Names behind `api.` that are not in the table, with the one that was meant. */
export function unknownNames(text: string, table: readonly ApiEntry[]): TextProblem[] {
  const known = new Set(table.flatMap(({ name }) => [name, snake(name)]));
  return text.split("\n").flatMap((line, index) =>
    [...line.matchAll(/(?<![\w.$"'/])api\.(\w+)(?=\s*\()/g)].flatMap((found): TextProblem[] => {
      const name = found[1] as string;
      if (known.has(name)) return [];
      const meant = nearest(name, known);
      return [
        {
          line: index + 1,
          column: (found.index ?? 0) + "api.".length + 1,
          severity: "warning",
          cause: `The api has no function ${name}.`,
          remedy: meant
            ? `Did you mean ${meant}?`
            : "Press Ctrl+Space behind the dot for those it has.",
        },
      ];
    }),
  );
}

/** The known name with the fewest letters to change, when that is at most a third of them. */
function nearest(name: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(2, name.length / 3) + 1;
  for (const other of known) {
    const distance = editDistance(name.toLowerCase(), other.toLowerCase());
    if (distance < least) [best, least] = [other, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
