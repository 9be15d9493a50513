/** Signs of life of a plugin whose call runs, so that it is known how long it has been busy when the call is cancelled. */

/** Milliseconds between two questions; the first comes after one of them. */
const EVERY = 500;
/** Milliseconds without a sign of life after which a cancelled plugin is taken to never end by itself. */
export const PATIENCE = 2000;
/** Milliseconds that it has in any case after it was cancelled. */
const LEAST = 250;

export interface LifeOptions {
  /** Settles as soon as the plugin comes to read its messages. */
  ask(milliseconds: number): Promise<unknown>;
  /** Settles once none of its methods runs. */
  idle(milliseconds: number): Promise<unknown>;
  now?: () => number;
}

export class Life {
  private heard = 0;
  private asking = false;
  private calls = 0;
  private timer: ReturnType<typeof setInterval> | null = null;
  private readonly now: () => number;

  constructor(private readonly options: LifeOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** A call begins; what is returned ends it. */
  watch(): () => void {
    this.calls += 1;
    if (this.calls === 1) {
      this.heard = this.now();
      this.timer = setInterval(() => this.ask(), EVERY);
    }
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.calls -= 1;
      if (this.calls === 0 && this.timer !== null) clearInterval(this.timer);
    };
  }

  /** After a cancelled call: true once the plugin does nothing, false when it will not end by itself. */
  async settle(): Promise<boolean> {
    const idle = this.options.idle(PATIENCE).then(
      () => true,
      () => false,
    );
    this.ask();
    return Promise.race([idle, this.silent()]);
  }

  /** Settles with false when the plugin has been silent for too long, and never when it speaks. */
  private async silent(): Promise<boolean> {
    const asked = this.now();
    const left = Math.max(LEAST, this.heard + PATIENCE - asked);
    await new Promise((resolve) => setTimeout(resolve, left));
    // Its answer may lie behind other messages of this moment.
    await new Promise((resolve) => setTimeout(resolve));
    if (this.heard > asked) return new Promise(() => undefined);
    return false;
  }

  private ask(): void {
    if (this.asking) return;
    this.asking = true;
    // Asked once and answered late is a sign of life too: nothing piles up in a busy plugin.
    const heard = (): void => {
      this.heard = this.now();
      this.asking = false;
    };
    const silent = (): void => {
      this.asking = false;
    };
    this.options.ask(60_000).then(heard, silent);
  }
}
