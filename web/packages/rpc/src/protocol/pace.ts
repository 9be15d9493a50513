/** Measures how many bytes a second a connection takes, from when what was sent is acknowledged. */
import { SESSION } from "./messages";

/**
 * So many more slow frames than quick ones count as a slow connection, and as a quick one again. A quick
 * one counts twice: a page that was busy for a moment makes one slow and the next ones quick.
 */
const CERTAIN = 3;
const DOUBTFUL = 1;
const MOST = 5;

interface Sent {
  readonly number: number;
  readonly size: number;
  readonly time: number;
}

/**
 * Looks at frames that were already under way when the one before them arrived. Between their two
 * acknowledgements the connection was busy, so the time is that of their bytes alone, however long the
 * way is. Times are seconds of a clock that never goes back.
 */
export class Pace {
  private slowSince: number | null = null;
  /** How many more slow ones there were than quick ones. */
  private slow = 0;
  /** What is under way and large enough to tell something. */
  private sent: Sent[] = [];
  private arrivedAt = Number.NEGATIVE_INFINITY;

  /** A frame of this number and size goes out. */
  note(number: number, size: number, now: number): void {
    this.sent.push({ number, size, time: now });
  }

  /** All frames up to this number have arrived; anything else tells nothing. */
  arrived(number: unknown, now: number): void {
    if (typeof number !== "number" || this.sent.length === 0) return;
    const next = this.sent.findIndex((sent) => sent.number > number);
    const arrived = this.sent.splice(0, next < 0 ? this.sent.length : next);
    const [first] = arrived;
    if (first === undefined) return;
    const size = arrived.reduce((sum, sent) => sum + sent.size, 0);
    if (first.time <= this.arrivedAt) this.measured(size, now - this.arrivedAt, now);
    this.arrivedAt = now;
  }

  /** Whether it is slow. That is found out anew now and then: what is small tells nothing. */
  isSlow(now: number): boolean {
    if (this.slowSince !== null && now - this.slowSince > SESSION.slow_seconds) {
      this.slowSince = null;
      this.slow = 0;
    }
    return this.slowSince !== null;
  }

  private measured(size: number, seconds: number, now: number): void {
    if (size < SESSION.slow_bytes * seconds) this.slow = Math.min(this.slow + 1, MOST);
    else if (size > SESSION.quick_bytes * seconds) this.slow = Math.max(this.slow - 2, 0);
    if (this.slow >= CERTAIN) this.slowSince ??= now;
    else if (this.slow <= DOUBTFUL) this.slowSince = null;
  }
}
