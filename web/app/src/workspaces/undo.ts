/** What can be taken back, and done again: parameters, arrangement, closed windows, removed things. */
import { Store, type UndoState } from "../model";

export interface Step {
  /** In words, for the menu: "Close Synthetic coins". */
  label: string;
  undo(): void | Promise<void>;
  redo(): void | Promise<void>;
  /** The values that it changed, in words. */
  from?: string | undefined;
  to?: string | undefined;
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

/** Hears in words of what was taken back or done again, and of what could not be. */
export interface UndoEvents {
  /** Null: what was told is of no use any more, as another workspace is open. */
  told(text: string | null): void;
  failed(error: unknown, step: string): void;
}

export class UndoStack {
  readonly state = new Store<UndoState>({ undo: null, redo: null });
  private done: (Step & { time: number })[] = [];
  private undone: Step[] = [];
  private busy = false;

  constructor(
    private readonly events: UndoEvents,
    private readonly now: () => number = Date.now,
  ) {}

  /** Notes a step that was just done. What happens while a step is taken back is no step of its own. */
  push(step: Step): void {
    if (this.busy) return;
    const last = this.done.at(-1);
    const time = this.now();
    if (last && step.key !== undefined && last.key === step.key && time - last.time < TOGETHER) {
      this.done[this.done.length - 1] = { ...step, undo: last.undo, from: last.from, time };
    } else this.done = [...this.done, { ...step, time }].slice(-KEPT);
    let bytes = this.done.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
    while (bytes > KEPT_BYTES && this.done.length > 1) bytes -= this.done.shift()?.bytes ?? 0;
    this.undone = [];
    this.show();
  }

  async undo(): Promise<void> {
    const step = this.busy ? undefined : this.done.pop();
    if (step) await this.takeBackNow(step);
  }

  async redo(): Promise<void> {
    const step = this.busy ? undefined : this.undone.pop();
    if (!step) return;
    const then = (): void => void this.done.push({ ...step, time: 0 });
    await this.run(step.redo, ["Done again", "Redo"], step, then);
  }

  /** Takes back one step, also when others were done since; false when it is not there any more. */
  async takeBack(step: Step): Promise<boolean> {
    const at = this.done.findIndex(({ undo }) => undo === step.undo);
    if (this.busy || at < 0) return false;
    this.done.splice(at, 1);
    await this.takeBackNow(step);
    return true;
  }

  private takeBackNow(step: Step): Promise<void> {
    return this.run(step.undo, ["Undone", "Undo"], step, () => this.undone.push(step));
  }

  clear(): void {
    this.done = [];
    this.undone = [];
    this.events.told(null);
    this.show();
  }

  private async run(
    action: () => void | Promise<void>,
    [done, doing]: [string, string],
    step: Step,
    then: () => void,
  ): Promise<void> {
    this.busy = true;
    try {
      await action();
      then();
      this.events.told(`${done}: ${inWords(step)}`);
    } catch (error) {
      this.events.failed(error, `${doing}: ${inWords(step)}`);
    } finally {
      this.busy = false;
      this.show();
    }
  }

  private show(): void {
    const [last, next] = [this.done.at(-1), this.undone.at(-1)];
    this.state.set({ undo: last ? inWords(last) : null, redo: next ? inWords(next) : null });
  }
}

function inWords({ label, from, to }: Step): string {
  return from === undefined || to === undefined ? label : `${label}: ${from} → ${to}`;
}
