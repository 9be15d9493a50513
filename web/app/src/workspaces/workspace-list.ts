/** The workspaces that there are, here and on the engine, by id and by name. */
import { Store, type WorkspacePlace, type WorkspaceRecord, type WorkspaceSummary } from "../model";
import { within } from "./within";
import type { WorkspaceStore } from "./workspace-store";

/** Names of workspaces that are gone when the page is closed, as they were in earlier versions. */
export const PASSING = ["sandbox", "temporary"];
/** That of a workspace which nobody has named. */
export const FIRST_NAME = "My workspace";
/** Deleted workspaces can be brought back for 30 days. */
const KEPT_DELETED = 30 * 24 * 3600 * 1000;

export class WorkspaceList {
  readonly store = new Store<WorkspaceSummary[]>([]);

  constructor(
    private readonly stores: Partial<Record<WorkspacePlace, WorkspaceStore>>,
    private readonly now: () => number,
    private readonly patience: number,
  ) {}

  /** Reads the list again from everywhere; what was deleted long ago goes for good. */
  async refresh(): Promise<void> {
    const all: WorkspaceSummary[] = [];
    for (const [place, store] of Object.entries(this.stores)) {
      const listed = store.list().catch(() => []);
      const known = this.store.get().filter((entry) => entry.place === place);
      for (const entry of (await within(listed, this.patience)) ?? known) {
        if (entry.deletedAt !== null && this.now() - entry.deletedAt > KEPT_DELETED) {
          await store.erase(entry.id).catch(() => undefined);
        } else all.push(entry);
      }
    }
    this.store.set(all.sort((a, b) => b.changedAt - a.changedAt));
  }

  /** The workspace of that name, or else the one that had it first. */
  find(name: string): WorkspaceSummary | undefined {
    const alive = this.store.get().filter(({ deletedAt }) => deletedAt === null);
    return (
      alive.find((entry) => entry.name === name) ?? alive.find((entry) => folderOf(entry) === name)
    );
  }

  /** Where a workspace is kept. */
  storeOf(id: string): WorkspaceStore | undefined {
    const place = this.store.get().find((entry) => entry.id === id)?.place;
    return place === undefined ? undefined : this.stores[place];
  }

  /** The name, with a number when another workspace has it. */
  freeName(wanted: string, except = ""): string {
    const name = wanted.trim() || "Workspace";
    const others = this.store.get().filter(({ id }) => id !== except);
    const taken = new Set(others.flatMap((entry) => [entry.name, folderOf(entry)]));
    for (const reserved of PASSING) taken.add(reserved);
    if (!taken.has(name)) return name;
    let number = 2;
    while (taken.has(`${name} ${number}`)) number += 1;
    return `${name} ${number}`;
  }

  /** Puts one that was just kept at the top. */
  note({ content: _, ...summary }: WorkspaceRecord): void {
    this.store.update((list) => [summary, ...list.filter(({ id }) => id !== summary.id)]);
  }
}

/** It keeps the name that the workspace had first, so that plugins find their files again. */
export function folderOf({ name, folder }: WorkspaceSummary): string {
  return folder ?? name;
}
