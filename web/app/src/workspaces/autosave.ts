/** When a change is kept: a moment after the last of several, and in time when they never end. */

/** Milliseconds after the last change until it is kept. */
const WAIT = 800;
/** Milliseconds that a change waits at most while others follow it. */
const LONGEST = 3000;

export class Autosave {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private saving: Promise<void> = Promise.resolve();
  private since = 0;
  /** Goes up when what waits is abandoned. */
  private turn = 0;

  constructor(
    private readonly save: () => Promise<void>,
    private readonly now: () => number,
  ) {}

  /** Something changed; it is kept a moment later. */
  changed(): void {
    if (this.timer === null) this.since = this.now();
    else clearTimeout(this.timer);
    const left = this.since + LONGEST - this.now();
    this.timer = setTimeout(() => void this.flush(), Math.max(0, Math.min(WAIT, left)));
  }

  /** Whether something changed that is not being kept yet. */
  get isDue(): boolean {
    return this.timer !== null;
  }

  /** What is being kept is not waited for any more. @returns when that ends */
  abandon(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { saving } = this;
    this.saving = Promise.resolve();
    this.turn += 1;
    return saving;
  }

  /** Keeps what has changed, now; one after the other. */
  flush(): Promise<void> {
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
      const { turn } = this;
      this.saving = this.saving.then(() => (turn === this.turn ? this.save() : undefined));
    }
    return this.saving;
  }
}
