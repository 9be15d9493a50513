/** What can be taken back, and done again: parameters, arrangement, closed windows, removed things. */
import { Store, type UndoState } from "../model";

export interface Step {
  /** In words, for the menu: "Close Synthetic coins". */
  label: string;
  undo(): void | Promise<void>;
  redo(): void | Promise<void>;
  /** Steps of the same key in quick succession become one. */
  key?: string;
  /** What the step keeps in memory, such as a closed image. */
  bytes?: number;
}

const KEPT = 100;
/** Bytes that all steps may keep in memory; the oldest go first, the last one stays in any case. */
const KEPT_BYTES = 500_000_000;
/** Milliseconds within which steps of one key belong together. */
const TOGETHER = 1000;

export class UndoStack {
  readonly state = new Store<UndoState>({ undo: null, redo: null });
  private done: (Step & { time: number })[] = [];
  private undone: Step[] = [];
  private busy = false;

  constructor(private readonly now: () => number = Date.now) {}

  /** Notes a step that was just done. What happens while a step is taken back is no step of its own. */
  push(step: Step): void {
    if (this.busy) return;
    const last = this.done.at(-1);
    const time = this.now();
    if (last && step.key !== undefined && last.key === step.key && time - last.time < TOGETHER) {
      this.done[this.done.length - 1] = { ...step, undo: last.undo, time };
    } else this.done = [...this.done, { ...step, time }].slice(-KEPT);
    let bytes = this.done.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
    while (bytes > KEPT_BYTES && this.done.length > 1) bytes -= this.done.shift()?.bytes ?? 0;
    this.undone = [];
    this.show();
  }

  async undo(): Promise<void> {
    const step = this.busy ? undefined : this.done.pop();
    if (step) await this.run(step.undo, () => this.undone.push(step));
  }

  async redo(): Promise<void> {
    const step = this.busy ? undefined : this.undone.pop();
    if (step) await this.run(step.redo, () => this.done.push({ ...step, time: 0 }));
  }

  /** Takes back one step, also when others were done since; false when it is not there any more. */
  async takeBack(step: Step): Promise<boolean> {
    const at = this.done.findIndex(({ undo }) => undo === step.undo);
    if (this.busy || at < 0) return false;
    this.done.splice(at, 1);
    await this.run(step.undo, () => this.undone.push(step));
    return true;
  }

  clear(): void {
    this.done = [];
    this.undone = [];
    this.show();
  }

  private async run(action: () => void | Promise<void>, then: () => void): Promise<void> {
    this.busy = true;
    try {
      await action();
      then();
    } finally {
      this.busy = false;
      this.show();
    }
  }

  private show(): void {
    this.state.set({
      undo: this.done.at(-1)?.label ?? null,
      redo: this.undone.at(-1)?.label ?? null,
    });
  }
}
