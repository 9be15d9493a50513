/** The workspace that is open: shown, kept as one works, and left. */
import {
  type CurrentWorkspace,
  type DataItem,
  Store,
  type WorkspaceContent,
  type WorkspacePlace,
  type WorkspaceRecord,
} from "../model";
import { Autosave } from "./autosave";
import type { Blobs } from "./blobs";
import { branchOf } from "./branch";
import { LastMoment } from "./last-moment";
import { type Keeping, LeftWorkspaces } from "./left-workspaces";
import type { Held, Snapshots } from "./snapshot";
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
  /** Begins to show that a workspace that was left is being kept. */
  keeping(name: string): Keeping;
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
    lasting: false,
    saved: "saved",
  });
  /** The record that the next save is made from. */
  base: WorkspaceRecord | null = null;
  /** While a workspace is being opened, what happens on the page is no change of it. */
  private opening = false;
  /** Until the first save after it was opened. */
  private settling = false;
  /** Those that were left before they were kept. */
  readonly left: LeftWorkspaces;
  private readonly autosave: Autosave;
  private readonly lastMoment: LastMoment;
  /** What is being written. */
  private saving: WorkspaceRecord | null = null;
  /** Whether the state before the next save belongs to the history, however new it is. */
  private keepsBefore = false;

  constructor(
    private readonly parts: WorkspaceParts,
    private readonly known: WorkspaceList,
    private readonly now: () => number,
  ) {
    this.autosave = new Autosave(() => this.save(), now);
    this.lastMoment = parts.lastMoment ?? new LastMoment();
    this.left = new LeftWorkspaces({
      snapshots: parts.snapshots,
      storeOf: ({ place }) => parts.stores[place],
      keeping: (name) => parts.keeping(name),
      kept: (record) => {
        this.noteKept(record);
        this.goOnFrom(record);
      },
      copyOf: (error, record) => this.copyOf(error, record),
      now,
      patience: parts.patience ?? PATIENCE,
    });
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

  /**
   * Keeps the open workspace, or lets it go on being kept after it was left; asks where that fails.
   * @param comesBack whether it may be left before it is kept
   */
  async mayLeave(comesBack = true): Promise<boolean> {
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
    const what = `The last changes of "${name}" could not be kept`;
    const text = comesBack
      ? `${what}. Open it again before you close this page, or they are gone.`
      : `${what}, and may be gone when you come back.`;
    const asks = !comesBack || this.current.get().saved === "failed";
    if (asks && !(await this.parts.mayLeave(text))) return false;
    if (comesBack) this.keepOn();
    else void this.autosave.abandon();
    return true;
  }

  /** The open workspace makes way for another one, and is kept meanwhile as it is. */
  keepOn(): void {
    const { base } = this;
    if (!base || this.current.get().saved === "saved") return;
    const held = this.parts.snapshots.hold();
    const picture = this.parts.picture() ?? base.picture;
    this.keepLast(base, held);
    this.base = { ...base, picture };
    this.left.add(this.base, held, this.autosave.abandon());
  }

  /** Whether there is something that only this page has, and cannot keep while it is being closed. */
  get isOnlyHere(): boolean {
    const { snapshots } = this.parts;
    if (this.left.list.length > 0) return true;
    if (!this.base || this.base.place === "temporary") return false;
    return this.current.get().lasting ? snapshots.hasNew() : !snapshots.isEmpty();
  }

  /** Keeps what has changed as far as it goes in the moment that is left to a page that is closed. */
  leave(): void {
    for (const { base, held } of this.left.list) this.keepLast(base, held);
    const { base } = this;
    if (!base || base.place === "temporary") return;
    if (this.autosave.isDue || this.current.get().saved !== "saved") {
      this.keepLast(base, this.parts.snapshots.hold());
    }
    void this.flush();
  }

  private keepLast(base: WorkspaceRecord, held: Held): void {
    const saving = this.saving?.id === base.id ? this.saving : null;
    this.lastMoment.keep(base, this.parts.snapshots.keptOf(held), saving);
  }

  private async save(): Promise<void> {
    const { base } = this;
    const store = base ? this.parts.stores[base.place] : undefined;
    if (!base || !store) return;
    this.setSaved("saving");
    try {
      const content = await this.parts.snapshots.capture(store.blobs);
      if (this.base !== base) return; // it is being kept as it was when it was left
      const picture = this.parts.picture() ?? base.picture;
      const isFirstPicture = base.picture === null && picture !== null;
      if (this.isUnchanged(content, base) && !isFirstPicture) {
        this.base = { ...base, content };
        return this.setSaved(this.savedNow);
      }
      const revision = base.revision + 1;
      const record = { ...base, content, picture, revision, changedAt: this.now() };
      this.saving = record;
      await store.write(record, this.keepsBefore).finally(() => {
        this.saving = null;
      });
      this.noteKept(record);
      if (this.base !== base) return this.goOnFrom(record); // it was left while this took long
      this.left.drop(base.id);
      this.keepsBefore = false;
      this.base = record;
      this.setSaved(this.savedNow);
    } catch (error) {
      if (this.base !== base) return;
      if (error instanceof WorkspaceConflict) await this.branch();
      else {
        this.setSaved("failed");
        this.parts.fail(error, `Keeping the workspace ${base.name}`);
      }
    }
  }

  /** What changed while this was being kept is not kept yet. */
  private get savedNow(): CurrentWorkspace["saved"] {
    return this.autosave.isDue ? "changed" : "saved";
  }

  private noteKept(record: WorkspaceRecord): void {
    this.lastMoment.saved(record);
    this.known.note(record);
    this.left.follow(record);
  }

  /** Where a workspace was opened again before its save had ended, the next one is on top of that. */
  private goOnFrom({ id, revision }: WorkspaceRecord): void {
    const { base } = this;
    if (base?.id === id && base.revision === revision - 1) this.base = { ...base, revision };
  }

  /**
   * The dock fits an arrangement that was kept to this page's size: no change that is worth a revision,
   * which another tab would then be in conflict with.
   */
  private isUnchanged(content: WorkspaceContent, base: WorkspaceRecord): boolean {
    const { layout, active } = content;
    const fitted = this.settling ? { ...base.content, layout, active } : base.content;
    this.settling = false;
    return JSON.stringify(content) === JSON.stringify(fitted);
  }

  /** Somebody else has saved: both are kept, and this page goes on with a copy. */
  private async branch(): Promise<void> {
    const base = this.base as WorkspaceRecord;
    const store = this.parts.stores[base.place] as WorkspaceStore;
    const content = await this.parts.snapshots.capture(store.blobs);
    const { record, text } = await branchOf(base, content, {
      store,
      known: this.known,
      now: this.now,
    });
    await store.write(record);
    this.adopt(record);
    await this.known.refresh();
    this.parts.tell(text);
  }

  private async copyOf(error: unknown, base: WorkspaceRecord): Promise<WorkspaceRecord | null> {
    const store = this.parts.stores[base.place];
    if (!store || !(error instanceof WorkspaceConflict)) return null;
    const { record, text } = await branchOf(base, base.content, {
      store,
      known: this.known,
      now: this.now,
    });
    this.parts.tell(text);
    return { ...record, revision: record.revision - 1 };
  }

  /** Shows a workspace in place of the one that is open. @param held images that are in memory still */
  async show(record: WorkspaceRecord, held: readonly DataItem[] = []): Promise<void> {
    const store = this.parts.stores[record.place];
    this.opening = this.settling = true;
    try {
      // What a user was fast enough to open before the first workspace belongs to it.
      const isFirst = this.base === null;
      if (!store && !isFirst) this.parts.snapshots.closeAll();
      const missing = store
        ? await this.parts.snapshots.restore(record.content, store.blobs, {
            beside: isFirst,
            held,
          })
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
    } else if (store && record.picture === null) {
      this.autosave.changed(); // there is something to draw of it now
    }
    if (store) this.parts.needPlugins(record.content, store.blobs);
  }

  /** Shows what is kept of a workspace, with what its page could keep at the last moment. */
  async showKept(record: WorkspaceRecord): Promise<void> {
    const left = this.lastMoment.take(record);
    if (left) await this.showAs(record, left);
    else await this.show(record);
  }

  /** Shows a workspace that was left before it was kept; false when there is no such one. */
  async showLeft(id: string): Promise<boolean> {
    const left = await this.left.take(id);
    if (!left) return false;
    await this.showAs(left.base, this.parts.snapshots.keptOf(left.held), left.held.items);
    return true;
  }

  /** Goes back to an earlier state; the one of now stays in the history. */
  async showEarlier(content: WorkspaceContent): Promise<void> {
    if (!this.base) return;
    await this.showAs(this.base, content);
    this.keepsBefore = true;
  }

  /** Shows another state of a workspace; the next save is a change of what is kept now. */
  private async showAs(
    base: WorkspaceRecord,
    content: WorkspaceContent,
    held: readonly DataItem[] = [],
  ): Promise<void> {
    await this.show({ ...base, content }, held);
    this.base = base;
    this.settling = false;
    this.changed();
  }

  /** From now on the page is kept as this workspace. */
  adopt(record: WorkspaceRecord): void {
    this.base = record;
    this.keepsBefore = false;
    const { id, name, place } = record;
    const lasting = this.parts.stores[place]?.lasting ?? false;
    this.current.set({ id, name, folder: folderOf(record), place, lasting, saved: "saved" });
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
