/** How much of large frames may be under way, so that small ones do not wait behind it for long. */
import { SESSION } from "./messages";

const { piece_bytes: SMALLEST, bulk_bytes: LARGEST, near_bulk_bytes: NEAR } = SESSION;
/** A way that makes pieces wait longer than this, in seconds, gets fewer at a time. */
const SLOW = 0.2;
const QUICK = 0.05;

/** Bytes of pieces that are under way, and how many may be: as many as flow well. */
export class Bulk {
  private underWay = 0;
  private limit = LARGEST / 2;
  private quickest = Number.POSITIVE_INFINITY;

  /** @param cutFrom bytes of binary parts above which a frame is cut; 0: never */
  constructor(private readonly cutFrom: number) {}

  /** Bytes of the next piece. */
  get piece(): number {
    if (this.cutFrom !== SMALLEST) return this.cutFrom;
    const quarter = this.limit / 4;
    return Math.max(SMALLEST, quarter - (quarter % SMALLEST));
  }

  /** Whether one more piece may be under way. */
  get hasRoom(): boolean {
    return this.underWay + Math.max(this.piece, SMALLEST) <= this.limit;
  }

  sent(size: number): void {
    this.underWay += size;
  }

  /** A piece was acknowledged so many seconds after it was sent. */
  arrived(size: number, delay: number): void {
    this.underWay -= size;
    if (size < SMALLEST) return;
    this.quickest = Math.min(this.quickest, delay);
    const most = delay < SESSION.near_ms / 1000 ? NEAR : LARGEST;
    const late = delay - this.quickest;
    if (late > SLOW) this.limit /= 2;
    else if (late < QUICK && this.limit < most) this.limit += SMALLEST / 4;
    else if (this.limit > most) this.limit -= SMALLEST / 4;
    this.limit = Math.max(SMALLEST, this.limit);
  }

  /** Nothing is under way any more. */
  reset(): void {
    this.underWay = 0;
  }
}
