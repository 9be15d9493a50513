/** Measures how many bytes a second a connection takes, from when what was sent is acknowledged. */
import { SESSION } from "./messages";

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
  isSlow = false;
  /** What is under way and large enough to tell something. */
  private sent: Sent[] = [];
  private arrivedAt = Number.NEGATIVE_INFINITY;
  private bytes = 0;
  private seconds = 0;

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
    if (first.time <= this.arrivedAt) this.measured(size, now - this.arrivedAt);
    this.arrivedAt = now;
  }

  private measured(size: number, seconds: number): void {
    this.bytes += size;
    this.seconds += seconds;
    if (this.bytes < SESSION.pace_bytes) return;
    if (this.bytes < SESSION.slow_bytes * this.seconds) this.isSlow = true;
    else if (this.bytes > SESSION.quick_bytes * this.seconds) this.isSlow = false;
    this.bytes = 0;
    this.seconds = 0;
  }
}
