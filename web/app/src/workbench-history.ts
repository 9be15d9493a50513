/** Joins the list of work with what is kept of it over a reload. */
import { hasGone } from "./engines/identity";
import type { Parts } from "./workbench-parts";
import type { Settings } from "./workspaces/settings";
import { WorkHistory } from "./workspaces/work-history";

/** Milliseconds by which a line of a plugin may come after its work has ended. */
const LATE = 300;

export async function keepHistory(parts: Parts, settings: Settings): Promise<void> {
  const { jobs, notices, entries, page } = parts;
  const history = new WorkHistory({
    jobs,
    notices,
    settings,
    page,
    said: (plugin, from, to) =>
      entries.get(plugin)?.log.filter(({ time }) => time >= from && time <= to + LATE) ?? [],
    hasGone,
  });
  globalThis.addEventListener?.("pagehide", () => void history.flush());
  await history.load();
}

/** Whatever ran when the page was loaded again and could not be taken up has failed. */
export function loseWork({ jobs, notices }: Parts): void {
  for (const failure of jobs.loseWaiting()) notices.fail(failure);
}

/** With an engine it is known when that has told what still runs there, and otherwise now. */
export function loseWithoutEngine(parts: Parts): void {
  const { state } = parts.connection.status.get();
  if (state === "none" || state === "signed-out") loseWork(parts);
}
