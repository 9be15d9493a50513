/** The workspaces of this page: which one is open, kept as one works, switched, deleted and brought back. */
import type {
  CurrentWorkspace,
  DataItem,
  SavedWindow,
  Store,
  WorkspaceContent,
  WorkspacePlace,
  WorkspaceRecord,
  WorkspaceRevision,
  WorkspaceSummary,
} from "../model";
import { type Blobs, tableBlobs } from "./blobs";
import { memoryDatabase } from "./database";
import { OpenWorkspace, PATIENCE, type WorkspaceParts } from "./open-workspace";
import { EMPTY, newRecord } from "./records";
import type { Held } from "./snapshot";
import { within } from "./within";
import { FIRST_NAME, folderOf, WorkspaceList } from "./workspace-list";
import type { WorkspaceStore } from "./workspace-store";

export class Workspaces {
  readonly list: Store<WorkspaceSummary[]>;
  readonly current: Store<CurrentWorkspace>;
  private readonly now: () => number;
  private readonly known: WorkspaceList;
  private readonly opened: OpenWorkspace;
  /** One workspace makes way for another after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: WorkspaceParts) {
    this.now = parts.now ?? Date.now;
    this.known = new WorkspaceList(parts.stores, this.now, parts.patience ?? PATIENCE);
    this.list = this.known.store;
    this.opened = new OpenWorkspace(parts, this.known, this.now);
    this.current = this.opened.current;
  }

  refresh(): Promise<void> {
    return this.known.refresh();
  }

  find(name: string): WorkspaceSummary | undefined {
    return this.known.find(name);
  }

  /** Makes an empty workspace, or one with this content, and opens it. */
  create(name: string, place: WorkspacePlace, content: WorkspaceContent = EMPTY): Promise<void> {
    return this.inTurn(async () => {
      if (await this.opened.mayLeave()) await this.createNow(name, place, content);
    });
  }

  private async createNow(
    name: string,
    place: WorkspacePlace,
    content: WorkspaceContent,
  ): Promise<void> {
    // One that is gone with the page is in nobody's way.
    const free = place === "temporary" ? name : this.known.freeName(name);
    const record = newRecord({ name: free, place }, content, this.now());
    await this.parts.stores[place]?.write(record);
    await this.opened.show(record);
    await this.refresh();
  }

  /** Opens a workspace in place of the one that is open, which is kept first. */
  open(id: string): Promise<void> {
    return this.inTurn(async () => {
      if (this.opened.base?.id !== id && (await this.opened.mayLeave())) await this.openNow(id);
    });
  }

  /** Opens what is kept of the open workspace once more, as with plugins that it lacked before. */
  reopen(): Promise<void> {
    return this.inTurn(async () => {
      if (this.opened.base && (await this.opened.mayLeave()))
        await this.openNow(this.opened.base.id);
    });
  }

  private async openNow(id: string): Promise<void> {
    if (await this.opened.showLeft(id)) return this.refresh();
    const record = await this.known.storeOf(id)?.read(id);
    if (!record) throw new Error("This workspace is not there any more.");
    await this.opened.showKept(record);
    await this.refresh();
  }

  rename(id: string, name: string): Promise<void> {
    return this.inTurn(() =>
      this.change(id, (record) => ({
        ...record,
        name: this.known.freeName(name, id),
        folder: folderOf(record),
      })),
    );
  }

  /** Deletes a workspace; `restore` brings it back. The open one makes way for an empty one. */
  remove(id: string): Promise<void> {
    return this.inTurn(async () => {
      await this.change(id, (record) => ({ ...record, deletedAt: this.now() }));
      if (this.opened.base?.id !== id) return;
      this.opened.keepOn();
      const other = this.list.get().find((entry) => entry.deletedAt === null);
      if (other) await this.openNow(other.id);
      else await this.createNow(FIRST_NAME, "browser", EMPTY);
    });
  }

  restore(id: string): Promise<void> {
    return this.inTurn(() => this.change(id, (record) => ({ ...record, deletedAt: null })));
  }

  /** A copy of the open workspace under another name, or in another place; it is open then. */
  copy(name: string, place: WorkspacePlace): Promise<void> {
    return this.inTurn(() => this.copyNow(name, place));
  }

  private async copyNow(name: string, place: WorkspacePlace): Promise<void> {
    await this.opened.soonKept();
    const store = this.parts.stores[place];
    const content = store ? await this.parts.snapshots.capture(store.blobs) : EMPTY;
    const named = { name: this.known.freeName(name), place };
    const record = newRecord(named, content, this.now(), {
      picture: this.opened.base?.picture ?? null,
    });
    await store?.write(record);
    this.opened.adopt(record);
    await this.refresh();
  }

  async history(): Promise<WorkspaceRevision[]> {
    const { id, place } = this.current.get();
    return (await this.parts.stores[place]?.history(id)) ?? [];
  }

  /** Goes back to an earlier state; the state of now stays in the history. */
  revert(revision: number): Promise<void> {
    return this.inTurn(async () => {
      if (!(await this.opened.mayLeave(false))) return;
      const { id, place } = this.current.get();
      const earlier = await this.parts.stores[place]?.readRevision(id, revision);
      if (earlier) await this.opened.showEarlier(earlier.content);
    });
  }

  /** The open workspace as one file. */
  async exportFile(data: boolean): Promise<File> {
    await this.opened.soonKept();
    const { packWorkspace } = await import("./archive");
    const base = this.opened.base as WorkspaceRecord;
    const store = this.parts.stores[base.place] ?? memoryStore();
    const content = await this.parts.snapshots.capture(store.blobs);
    const packed = await packWorkspace({ ...base, content }, store.blobs, data);
    return new File([packed], `${base.name}.imjoy.zip`, { type: packed.type });
  }

  /** Opens the workspace in a file that `exportFile` wrote, as a new one. */
  async importFile(file: Blob): Promise<void> {
    const { unpackWorkspace } = await import("./archive");
    const store = this.parts.stores.browser as WorkspaceStore;
    const { name, content } = await unpackWorkspace(file, store.blobs);
    await this.create(name, "browser", content);
  }

  /** Adds windows to a workspace that is not open, which is kept then; false when that cannot be. */
  async addTo(id: string, windows: SavedWindow[], items: readonly DataItem[]): Promise<boolean> {
    let added = false;
    await this.inTurn(async () => {
      if (this.opened.base?.id === id) return;
      const found = (await this.opened.left.take(id)) ?? (await this.kept(id));
      if (found) this.opened.left.add(found.base, withMore(found.held, windows, items));
      added = found !== null;
    });
    return added;
  }

  private async kept(id: string): Promise<{ base: WorkspaceRecord; held: Held } | null> {
    const reading = this.known
      .storeOf(id)
      ?.read(id)
      .catch(() => null);
    const base = reading && (await within(reading, this.parts.patience ?? PATIENCE));
    return base ? { base, held: { rest: base.content, items: [], sources: [] } } : null;
  }

  /** Notes that something changed; it is kept a moment later. */
  changed(): void {
    this.opened.changed();
  }

  /** Keeps what has changed, now. */
  flush(): Promise<void> {
    return this.opened.flush();
  }

  /** Keeps what has changed as far as it goes in the moment that is left to a page that is closed. */
  leave(): void {
    this.opened.leave();
  }

  /** Keeps what could not be kept before, as when the engine is back. */
  keepAgain(): void {
    if (this.current.get().saved === "failed") this.changed();
    this.opened.left.retry();
  }

  /** Whether there is something that only this page has, and cannot keep while it is being closed. */
  get isOnlyHere(): boolean {
    return this.opened.isOnlyHere;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async change(
    id: string,
    make: (record: WorkspaceRecord) => WorkspaceRecord,
  ): Promise<void> {
    if (this.opened.base?.id === id) await this.opened.soonKept();
    const store = this.known.storeOf(id);
    const record = await store?.read(id);
    if (!store || !record) return;
    const changed = { ...make(record), revision: record.revision + 1 };
    await store.write(changed);
    this.opened.follow(record, changed);
    this.opened.left.follow(changed);
    await this.refresh();
  }
}

/** What was open, with further windows, the last of which is in front. */
function withMore(held: Held, windows: SavedWindow[], items: readonly DataItem[]): Held {
  const { rest } = held;
  const active = windows.at(-1)?.id ?? rest.active;
  return {
    ...held,
    rest: { ...rest, windows: [...rest.windows, ...windows], active },
    items: [...held.items, ...items],
  };
}

/** For a temporary workspace, which has no place of its own. */
function memoryStore(): { blobs: Blobs } {
  return { blobs: tableBlobs(memoryDatabase().table("blobs")) };
}
