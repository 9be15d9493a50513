/** Takes the messages of one plugin in turns, so that a plugin that floods the page cannot freeze it. */
import type { Frame } from "@imjoy/rpc";

/** Milliseconds of a window, and how many of them one plugin may use. */
const WINDOW = 16;
const SHARE = 8;
/** Messages that may wait. */
export const WAITING_LIMIT = 100_000;

/** A frame, or what is to be done once the frames before it have been handed on. */
type Message = Frame | (() => void);

export interface FlowOptions {
  handle(frame: Frame): void;
  /** Called once when more messages wait than the page will ever catch up with. */
  onFlood(): void;
  now?: () => number;
  later?: (run: () => void, milliseconds: number) => void;
}

/** Hands messages on in their order; at once while the plugin is within its share of the time. */
export class Flow {
  private waiting: Message[] = [];
  /** Index of the first message in `waiting`; taking from the front of a long list is slow. */
  private next = 0;
  private windowStart = 0;
  private spent = 0;
  private closed = false;
  private readonly now: () => number;
  private readonly later: (run: () => void, milliseconds: number) => void;

  constructor(private readonly options: FlowOptions) {
    this.now = options.now ?? (() => performance.now());
    this.later = options.later ?? ((run, milliseconds) => setTimeout(run, milliseconds));
  }

  push(message: Message): void {
    if (this.closed) return;
    if (this.waiting.length === 0 && this.hasShare()) {
      this.take(message);
      return;
    }
    this.waiting.push(message);
    if (this.waiting.length === 1) this.later(() => this.drain(), WINDOW - SHARE);
    else if (this.waiting.length - this.next > WAITING_LIMIT) {
      this.close();
      this.options.onFlood();
    }
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    this.next = 0;
  }

  private drain(): void {
    this.windowStart = this.now();
    this.spent = 0;
    while (this.next < this.waiting.length && this.spent < SHARE) {
      const message = this.waiting[this.next] as Message;
      this.next += 1;
      this.take(message);
    }
    if (this.next >= this.waiting.length) {
      this.waiting = [];
      this.next = 0;
    } else {
      if (this.next > 10_000) {
        this.waiting.splice(0, this.next);
        this.next = 0;
      }
      this.later(() => this.drain(), WINDOW - SHARE);
    }
  }

  private hasShare(): boolean {
    const now = this.now();
    if (now - this.windowStart >= WINDOW) {
      this.windowStart = now;
      this.spent = 0;
    }
    return this.spent < SHARE;
  }

  private take(message: Message): void {
    const start = this.now();
    if (typeof message === "function") message();
    else this.options.handle(message);
    this.spent += this.now() - start;
  }
}

/** Counts what comes beside the messages, within a second. */
export class Meter {
  private since = Number.NEGATIVE_INFINITY;
  private count = 0;

  constructor(
    private readonly most: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** False when there is more than the page will ever catch up with. */
  take(): boolean {
    const now = this.now();
    if (now - this.since >= 1000) {
      this.since = now;
      this.count = 0;
    }
    this.count += 1;
    return this.count <= this.most;
  }
}
