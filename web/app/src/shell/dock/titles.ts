/** What windows are called on the page: in the language of the user, and no two of them alike. */
import type { WindowModel } from "../../model";
import { inWords } from "../messages/sentences";

/** The titles by the ids of the windows; the second of a name is numbered. */
export function titlesOf(windows: readonly WindowModel[]): Map<string, string> {
  const counts = new Map<string, number>();
  return new Map(
    windows.map(({ id, title }) => {
      const name = inWords(title);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return [id, count === 1 ? name : `${name} (${count})`];
    }),
  );
}
