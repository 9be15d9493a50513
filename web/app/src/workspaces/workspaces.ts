/** The workspaces of this page: which one is open, kept as one works, switched, deleted and brought back. */
import {
  type CurrentWorkspace,
  Store,
  type WorkspaceContent,
  type WorkspacePlace,
  type WorkspaceRecord,
  type WorkspaceRevision,
  type WorkspaceSummary,
} from "../model";
import { Autosave } from "./autosave";
import { type Blobs, tableBlobs } from "./blobs";
import { memoryDatabase } from "./database";
import { LastMoment } from "./last-moment";
import { EMPTY, newRecord } from "./records";
import type { Snapshots } from "./snapshot";
import type { UndoStack } from "./undo";
import { within } from "./within";
import { FIRST_NAME, folderOf, WorkspaceList } from "./workspace-list";
import { WorkspaceConflict, type WorkspaceStore } from "./workspace-store";

export interface WorkspaceParts {
  snapshots: Snapshots;
  undo: UndoStack;
  stores: Partial<Record<WorkspacePlace, WorkspaceStore>>;
  /** Offers to install what the workspace was made with and is not here. */
  needPlugins(content: WorkspaceContent, blobs: Blobs): void;
  /** A small picture of the page as it is, as a data address. */
  picture(): string | null;
  tell(text: string): void;
  /** Asks whether the open workspace is to be left although something of it is lost then. */
  mayLeave(text: string): Promise<boolean>;
  fail(error: unknown, step: string): void;
  now?: () => number;
  lastMoment?: LastMoment;
  /** Milliseconds in which a workspace that is left has to be kept. */
  patience?: number;
}

const PATIENCE = 3000;

export class Workspaces {
  readonly list: Store<WorkspaceSummary[]>;
  readonly current = new Store<CurrentWorkspace>({
    id: "",
    name: "",
    folder: "",
    place: "temporary",
    saved: "saved",
  });
  /** The record that the next save is made from. */
  private base: WorkspaceRecord | null = null;
  /** While a workspace is being opened, what happens on the page is no change of it. */
  private opening = false;
  /** Until the first save after it was opened. */
  private settling = false;
  private readonly now: () => number;
  private readonly known: WorkspaceList;
  private readonly autosave: Autosave;
  private readonly lastMoment: LastMoment;
  /** Whether the state before the next save belongs to the history, however new it is. */
  private keepsBefore = false;
  /** One workspace makes way for another after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: WorkspaceParts) {
    this.now = parts.now ?? Date.now;
    this.known = new WorkspaceList(parts.stores, this.now, parts.patience ?? PATIENCE);
    this.list = this.known.store;
    this.autosave = new Autosave(() => this.save(), this.now);
    this.lastMoment = parts.lastMoment ?? new LastMoment();
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
      if (await this.mayLeave()) await this.createNow(name, place, content);
    });
  }

  private async createNow(
    name: string,
    place: WorkspacePlace,
    content: WorkspaceContent,
  ): Promise<void> {
    const named = { name: this.known.freeName(name), place };
    const record = newRecord(named, content, this.now());
    await this.parts.stores[place]?.write(record);
    await this.show(record);
    await this.refresh();
  }

  /** Opens a workspace in place of the one that is open, which is kept first. */
  open(id: string): Promise<void> {
    return this.inTurn(async () => {
      if (this.base?.id !== id && (await this.mayLeave())) await this.openNow(id);
    });
  }

  /** Opens what is kept of the open workspace once more, as with plugins that it lacked before. */
  reopen(): Promise<void> {
    return this.inTurn(async () => {
      if (this.base && (await this.mayLeave())) await this.openNow(this.base.id);
    });
  }

  private async openNow(id: string): Promise<void> {
    const record = await this.known.storeOf(id)?.read(id);
    if (!record) throw new Error("This workspace is not there any more.");
    const left = this.lastMoment.take(id, record.revision);
    if (left) await this.showAs(record, left);
    else await this.show(record);
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
      if (this.base?.id !== id) return;
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
    await this.soonKept();
    const store = this.parts.stores[place];
    const content = store ? await this.parts.snapshots.capture(store.blobs) : EMPTY;
    const named = { name: this.known.freeName(name), place };
    const record = newRecord(named, content, this.now(), { picture: this.base?.picture ?? null });
    await store?.write(record);
    this.adopt(record);
    await this.refresh();
  }

  async history(): Promise<WorkspaceRevision[]> {
    const { id, place } = this.current.get();
    return (await this.parts.stores[place]?.history(id)) ?? [];
  }

  /** Goes back to an earlier state; the state of now stays in the history. */
  revert(revision: number): Promise<void> {
    return this.inTurn(async () => {
      if (!(await this.mayLeave())) return;
      const { id, place } = this.current.get();
      const earlier = await this.parts.stores[place]?.readRevision(id, revision);
      const { base } = this;
      if (!earlier || !base) return;
      await this.showAs(base, earlier.content);
      this.keepsBefore = true;
    });
  }

  /** The open workspace as one file. */
  async exportFile(data: boolean): Promise<File> {
    await this.soonKept();
    const { packWorkspace } = await import("./archive");
    const base = this.base as WorkspaceRecord;
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

  /** Notes that something changed; it is kept a moment later. */
  changed(): void {
    if (this.opening || !this.base || this.base.place === "temporary") return;
    const store = this.parts.stores[this.base.place];
    if (store) this.parts.snapshots.keepImages(store.blobs);
    this.setSaved("changed");
    this.autosave.changed();
  }

  /** Keeps what has changed, now. */
  flush(): Promise<void> {
    return this.autosave.flush();
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Keeps what has changed, if that does not take long, as when an engine is away. */
  private async soonKept(): Promise<void> {
    await within(this.flush(), this.parts.patience ?? PATIENCE);
  }

  /** Keeps the open workspace, or asks whether to go on without. */
  private async mayLeave(): Promise<boolean> {
    const { base } = this;
    if (!base) return true;
    const { name, place } = base;
    if (place === "temporary") {
      const isEmpty = this.parts.snapshots.isEmpty();
      return (
        isEmpty || this.parts.mayLeave(`"${name}" is kept nowhere: what is in it will be gone.`)
      );
    }
    await this.soonKept();
    if (this.base !== base || this.current.get().saved === "saved") return true;
    const text = `The last changes of "${name}" could not be kept, and may be gone when you come back.`;
    if (!(await this.parts.mayLeave(text))) return false;
    this.leave();
    this.autosave.abandon();
    return true;
  }

  /** Keeps what has changed as far as it goes in the moment that is left to a page that is closed. */
  leave(): void {
    const { base } = this;
    if (!base || base.place === "temporary") return;
    if (this.autosave.isDue || this.current.get().saved !== "saved") {
      const content = this.parts.snapshots.captureNow();
      this.lastMoment.keep(base.id, base.revision, content);
    }
    void this.flush();
  }

  private async save(): Promise<void> {
    const { base } = this;
    const store = base ? this.parts.stores[base.place] : undefined;
    if (!base || !store) return;
    this.setSaved("saving");
    try {
      const content = await this.parts.snapshots.capture(store.blobs);
      if (this.isUnchanged(content, base)) return this.setSaved("saved");
      const picture = this.parts.picture() ?? base.picture;
      const revision = base.revision + 1;
      const record = { ...base, content, picture, revision, changedAt: this.now() };
      await store.write(record, this.keepsBefore);
      this.lastMoment.forget(base.id);
      this.known.note(record);
      if (this.base !== base) return; // another one was opened while this took long
      this.keepsBefore = false;
      this.base = record;
      this.setSaved("saved");
    } catch (error) {
      if (this.base !== base) return;
      if (error instanceof WorkspaceConflict) await this.branch();
      else {
        this.setSaved("failed");
        this.parts.fail(error, `Keeping the workspace ${base.name}`);
      }
    }
  }

  /**
   * The dock fits an arrangement that was kept to this page's size: no change that is worth a revision,
   * which another tab would then be in conflict with.
   */
  private isUnchanged(content: WorkspaceContent, base: WorkspaceRecord): boolean {
    const { layout, active } = content;
    const fitted = this.settling ? { ...base.content, layout, active } : base.content;
    this.settling = false;
    if (JSON.stringify(content) !== JSON.stringify(fitted)) return false;
    this.base = { ...base, content };
    return true;
  }

  /** Somebody else has saved: both are kept, and this page goes on with a copy. */
  private async branch(): Promise<void> {
    const base = this.base as WorkspaceRecord;
    const { id, name, place, picture } = base;
    const store = this.parts.stores[place] as WorkspaceStore;
    const content = await this.parts.snapshots.capture(store.blobs);
    const theirs = await store.read(id);
    await this.refresh();
    const named = { name: this.known.freeName(`${name} (copy)`), place };
    // What runs for it goes on, so it keeps the folder.
    const record = newRecord(named, content, this.now(), { picture, folder: folderOf(base) });
    await store.write(record);
    this.adopt(record);
    await this.refresh();
    const goesOn = `Your work here goes on as "${record.name}"`;
    this.parts.tell(
      theirs && theirs.deletedAt === null
        ? `"${name}" was changed in another window. ${goesOn}; nothing was overwritten.`
        : `"${name}" was deleted in another window. ${goesOn}.`,
    );
  }

  private async show(record: WorkspaceRecord): Promise<void> {
    const store = this.parts.stores[record.place];
    this.opening = this.settling = true;
    try {
      // What a user was fast enough to open before the first workspace belongs to it.
      const isFirst = this.base === null;
      if (!store && !isFirst) this.parts.snapshots.closeAll();
      const missing = store
        ? await this.parts.snapshots.restore(record.content, store.blobs, isFirst)
        : [];
      if (missing.length > 0) {
        this.parts.tell(
          `Not everything of "${record.name}" could be opened: ${missing.join(", ")}.`,
        );
      }
    } finally {
      this.opening = false;
    }
    this.parts.undo.clear();
    this.adopt(record);
    if (store && this.parts.snapshots.hasOthers(record.content)) {
      this.settling = false;
      this.changed();
    }
    if (store) this.parts.needPlugins(record.content, store.blobs);
  }

  /** Shows another state of a workspace; the next save is a change of what is kept now. */
  private async showAs(base: WorkspaceRecord, content: WorkspaceContent): Promise<void> {
    await this.show({ ...base, content });
    this.base = base;
    this.settling = false;
    this.changed();
  }

  private adopt(record: WorkspaceRecord): void {
    this.base = record;
    this.keepsBefore = false;
    const { id, name, place } = record;
    this.current.set({ id, name, folder: folderOf(record), place, saved: "saved" });
  }

  private async change(
    id: string,
    make: (record: WorkspaceRecord) => WorkspaceRecord,
  ): Promise<void> {
    if (this.base?.id === id) await this.soonKept();
    const store = this.known.storeOf(id);
    const record = await store?.read(id);
    if (!store || !record) return;
    const changed = { ...make(record), revision: record.revision + 1 };
    await store.write(changed);
    const { base } = this;
    if (base?.id === id) {
      // Where another tab has saved meanwhile, what is here is a change of what was there before.
      if (base.revision === record.revision) this.adopt(changed);
      else this.base = { ...base, name: changed.name, folder: folderOf(changed) };
      this.current.update((now) => ({ ...now, name: changed.name }));
    }
    await this.refresh();
  }

  private setSaved(saved: CurrentWorkspace["saved"]): void {
    this.current.update((now) => ({ ...now, saved }));
  }
}

/** For a temporary workspace, which has no place of its own. */
function memoryStore(): { blobs: Blobs } {
  return { blobs: tableBlobs(memoryDatabase().table("blobs")) };
}
