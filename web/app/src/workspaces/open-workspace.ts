/** The workspace that is open: shown, kept as one works, and left. */
import {
  type CurrentWorkspace,
  Store,
  type WorkspaceContent,
  type WorkspacePlace,
  type WorkspaceRecord,
} from "../model";
import { Autosave } from "./autosave";
import type { Blobs } from "./blobs";
import { LastMoment } from "./last-moment";
import { newRecord } from "./records";
import type { Snapshots } from "./snapshot";
import type { UndoStack } from "./undo";
import { within } from "./within";
import { folderOf, type WorkspaceList } from "./workspace-list";
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

/** What `patience` is when nobody says otherwise. */
export const PATIENCE = 3000;

export class OpenWorkspace {
  readonly current = new Store<CurrentWorkspace>({
    id: "",
    name: "",
    folder: "",
    place: "temporary",
    saved: "saved",
  });
  /** The record that the next save is made from. */
  base: WorkspaceRecord | null = null;
  /** While a workspace is being opened, what happens on the page is no change of it. */
  private opening = false;
  /** Until the first save after it was opened. */
  private settling = false;
  private readonly autosave: Autosave;
  private readonly lastMoment: LastMoment;
  /** Whether the state before the next save belongs to the history, however new it is. */
  private keepsBefore = false;

  constructor(
    private readonly parts: WorkspaceParts,
    private readonly known: WorkspaceList,
    private readonly now: () => number,
  ) {
    this.autosave = new Autosave(() => this.save(), now);
    this.lastMoment = parts.lastMoment ?? new LastMoment();
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

  /** Keeps what has changed, if that does not take long, as when an engine is away. */
  async soonKept(): Promise<void> {
    await within(this.flush(), this.parts.patience ?? PATIENCE);
  }

  /** Keeps the open workspace, or asks whether to go on without. */
  async mayLeave(): Promise<boolean> {
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
      if (this.base !== base) return; // what was captured last is of the one that was opened meanwhile
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
    await this.known.refresh();
    const named = { name: this.known.freeName(`${name} (copy)`), place };
    // What runs for it goes on, so it keeps the folder.
    const record = newRecord(named, content, this.now(), { picture, folder: folderOf(base) });
    await store.write(record);
    this.adopt(record);
    await this.known.refresh();
    const goesOn = `Your work here goes on as "${record.name}"`;
    this.parts.tell(
      theirs && theirs.deletedAt === null
        ? `"${name}" was changed in another window. ${goesOn}; nothing was overwritten.`
        : `"${name}" was deleted in another window. ${goesOn}.`,
    );
  }

  /** Shows a workspace in place of the one that is open. */
  async show(record: WorkspaceRecord): Promise<void> {
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
        const what = `Not everything of "${record.name}" could be opened: ${missing.join("; ")}.`;
        this.parts.tell(
          `${what} Open images again from where they are; install plugins, then open the workspace again.`,
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

  /** Shows what is kept of a workspace, with what its page could keep at the last moment. */
  async showKept(record: WorkspaceRecord): Promise<void> {
    const left = this.lastMoment.take(record.id, record.revision);
    if (left) await this.showAs(record, left);
    else await this.show(record);
  }

  /** Goes back to an earlier state; the one of now stays in the history. */
  async showEarlier(content: WorkspaceContent): Promise<void> {
    if (!this.base) return;
    await this.showAs(this.base, content);
    this.keepsBefore = true;
  }

  /** Shows another state of a workspace; the next save is a change of what is kept now. */
  private async showAs(base: WorkspaceRecord, content: WorkspaceContent): Promise<void> {
    await this.show({ ...base, content });
    this.base = base;
    this.settling = false;
    this.changed();
  }

  /** From now on the page is kept as this workspace. */
  adopt(record: WorkspaceRecord): void {
    this.base = record;
    this.keepsBefore = false;
    const { id, name, place } = record;
    this.current.set({ id, name, folder: folderOf(record), place, saved: "saved" });
  }

  /** Its record was changed in the list, as by a new name. */
  follow(before: WorkspaceRecord, changed: WorkspaceRecord): void {
    const { base } = this;
    if (base?.id !== changed.id) return;
    // Where another tab has saved meanwhile, what is here is a change of what was there before.
    if (base.revision === before.revision) this.adopt(changed);
    else this.base = { ...base, name: changed.name, folder: folderOf(changed) };
    this.current.update((now) => ({ ...now, name: changed.name }));
  }

  private setSaved(saved: CurrentWorkspace["saved"]): void {
    this.current.update((now) => ({ ...now, saved }));
  }
}
