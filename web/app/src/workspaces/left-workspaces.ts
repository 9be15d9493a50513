/** Workspaces that were left before they were kept: they go on being kept, and open as they were left. */
import type { DataItem, WorkspaceRecord } from "../model";
import type { Held, Snapshots } from "./snapshot";
import { within } from "./within";
import type { WorkspaceStore } from "./workspace-store";

/** Shows how far the keeping of one is. */
export interface Keeping {
  /** @param done bytes of images that are kept, of `total` */
  update(done: number, total: number): void;
  end(): void;
  fail(error: unknown): void;
}

export interface LeftParts {
  snapshots: Snapshots;
  storeOf(record: WorkspaceRecord): WorkspaceStore | undefined;
  /** Begins to show that a workspace is being kept. */
  keeping(name: string): Keeping;
  /** One is kept by now. */
  kept(record: WorkspaceRecord): void;
  /** The record of a copy, still to be written, when what failed is that somebody else has saved. */
  copyOf(error: unknown, record: WorkspaceRecord): Promise<WorkspaceRecord | null>;
  now(): number;
  /** Milliseconds that whoever opens one waits for a write that is under way. */
  patience: number;
}

interface Left {
  /** The record that the next save is made from. */
  base: WorkspaceRecord;
  held: Held;
  keeping: Keeping;
  way: Promise<void>;
  writing: Promise<void> | null;
}

export class LeftWorkspaces {
  private readonly all = new Map<string, Left>();

  constructor(private readonly parts: LeftParts) {}

  /** @param before ends when a save of it that is under way has */
  add(base: WorkspaceRecord, held: Held, before: Promise<void> = Promise.resolve()): void {
    const keeping = this.parts.keeping(base.name);
    const left: Left = { base, held, keeping, way: before, writing: null };
    left.way = before.then(() => this.keep(left));
    this.all.set(base.id, left);
  }

  /** What is held of a workspace that opens again, which has to be kept with it from now on. */
  async take(id: string): Promise<Pick<Left, "base" | "held"> | null> {
    const left = this.all.get(id);
    if (left?.writing)
      await within(
        left.writing.catch(() => undefined),
        this.parts.patience,
      );
    if (!left || this.all.get(id) !== left) return null;
    this.drop(id);
    return left;
  }

  /** What was left is kept by now, or with something newer. */
  drop(id: string): void {
    this.all.get(id)?.keeping.end();
    this.all.delete(id);
  }

  /** Its record was changed, as by a save that was under way or in the list. */
  follow(changed: WorkspaceRecord): void {
    const left = this.all.get(changed.id);
    if (left?.base.revision === changed.revision - 1) left.base = changed;
  }

  /** Tries again what could not be kept, as when the engine is back. */
  retry(): void {
    for (const left of this.all.values()) left.way = left.way.then(() => this.keepAgain(left));
  }

  get list(): readonly Pick<Left, "base" | "held">[] {
    return [...this.all.values()];
  }

  private async keepAgain(left: Left): Promise<void> {
    if (!this.isHeld(left)) return;
    left.keeping.end();
    left.keeping = this.parts.keeping(left.base.name);
    await this.keep(left);
  }

  private async keep(left: Left): Promise<void> {
    const store = this.parts.storeOf(left.base);
    if (!store || !this.isHeld(left)) return;
    try {
      const content = await this.parts.snapshots.keep(left.held, store.blobs, progressOf(left));
      if (!this.isHeld(left)) return; // what is open again keeps it
      const { base } = left;
      const revision = base.revision + 1;
      const record = { ...base, content, revision, changedAt: this.parts.now() };
      left.writing = store.write(record);
      await left.writing;
      this.done(left, record);
    } catch (error) {
      if (this.isHeld(left)) await this.failed(left, error);
    }
  }

  private async failed(left: Left, error: unknown): Promise<void> {
    left.writing = null;
    const copy = await this.parts.copyOf(error, left.base).catch(() => null);
    if (copy === null) return left.keeping.fail(error);
    this.all.delete(left.base.id);
    left.base = copy;
    this.all.set(copy.id, left);
    await this.keep(left);
  }

  private done(left: Left, record: WorkspaceRecord): void {
    this.parts.kept(record);
    if (this.isHeld(left)) this.drop(record.id);
  }

  private isHeld(left: Left): boolean {
    return this.all.get(left.base.id) === left;
  }
}

/** Tells of each image that is kept. */
function progressOf({ held: { items }, keeping }: Left): (item: DataItem) => void {
  const total = items.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  keeping.update(0, total);
  return ({ bytes }) => {
    done += bytes;
    keeping.update(done, total);
  };
}
