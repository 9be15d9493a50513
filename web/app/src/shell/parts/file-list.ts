/** What a list of files shows: the order, the search, the rows that are seen, the steps of the keyboard. */
import type { FileEntry, FileListing } from "../../model";

type Compare = (a: FileEntry, b: FileEntry) => number;

const byName: Compare = (a, b) => COLLATOR.compare(a.name, b.name);
/** "frame 2" comes before "frame 10". */
const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export const ORDERS: Record<"name" | "newest" | "largest", { title: string; compare: Compare }> = {
  name: { title: "By name", compare: byName },
  newest: { title: "Newest first", compare: (a, b) => b.modified - a.modified || byName(a, b) },
  largest: { title: "Largest first", compare: (a, b) => b.size - a.size || byName(a, b) },
};

export function shownEntries(
  listing: FileListing | null,
  wish: { search: string; order: keyof typeof ORDERS; folder: boolean },
): FileEntry[] {
  const text = wish.search.trim().toLocaleLowerCase();
  const { compare } = ORDERS[wish.order];
  return (listing?.entries ?? [])
    .filter(({ name, type }) => {
      if (wish.folder && type !== "folder") return false;
      return text === "" || name.toLocaleLowerCase().includes(text);
    })
    .sort((a, b) => rank(a) - rank(b) || compare(a, b));
}

function rank({ type }: FileEntry): number {
  return type === "folder" ? 0 : 1;
}

/** First row that is drawn, and the one after the last; a few more than are seen. */
export function rowsSeen(
  count: number,
  view: { top: number; height: number; row: number },
): { first: number; end: number } {
  const MARGIN = 8;
  const first = Math.max(0, Math.floor(view.top / view.row) - MARGIN);
  const end = Math.min(count, Math.ceil((view.top + view.height) / view.row) + MARGIN);
  return { first: Math.min(first, end), end };
}

/** The row that a key leads to; null for keys that do not move. */
export function keyStep(
  key: string,
  { at, count, page }: { at: number; count: number; page: number },
): number | null {
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const step = steps[key];
  return step === undefined ? null : Math.max(0, Math.min(step, count - 1));
}
