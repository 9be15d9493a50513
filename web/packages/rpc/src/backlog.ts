/**
 * What waits in a plugin until the page has taken enough of what was sent before. Messages that the browser
 * holds for the page cannot be taken back: a plugin that sends without end would keep it busy long after
 * it was closed.
 */
import { RpcError } from "./errors";
import type { Frame } from "./protocol/frame";

/** Frames that may be under way; the page takes each in some 30 us. */
const MOST_UNDER_WAY = 4096;
/** After so many frames a milestone follows, which the other side gives back when it is there. */
const MILESTONE = 1024;
/** Frames that may wait; nobody can wait for more. */
const MOST_WAITING = 100_000;

export class Backlog {
  private waiting: Frame[] = [];
  private sent = 0;
  private marked = 0;
  private passed = 0;

  /** `mark` sends a milestone of this number behind the frames that went. */
  constructor(private readonly mark: (milestone: number) => void) {}

  /**
   * Takes a frame that has to wait, as it is now: who sent it may change its arrays. Answers never wait,
   * as the page may need them to go on.
   * @throws RpcError rpc.overloaded
   */
  take({ header, body, buffers }: Frame, transfer: Transferable[] = []): boolean {
    if (header.type === "result" || header.type === "error") return false;
    if (this.waiting.length === 0 && this.free > 0) return false;
    if (this.waiting.length >= MOST_WAITING && header.type === "call") throw overloaded();
    const kept = buffers.length === 0 ? buffers : structuredClone(buffers, { transfer });
    this.waiting.push({ header, body, buffers: kept });
    return true;
  }

  /** Frames have been sent. */
  went(count: number): void {
    this.sent += count;
    if (this.sent - this.marked < MILESTONE) return;
    this.marked = this.sent;
    this.mark(this.sent);
  }

  /** The other side has taken all before this milestone. Takes out what may go now. */
  reached(milestone: number): Frame[] {
    this.passed = Math.max(this.passed, Math.min(milestone, this.marked));
    return this.waiting.splice(0, Math.max(0, this.free));
  }

  private get free(): number {
    return MOST_UNDER_WAY - (this.sent - this.passed);
  }
}

function overloaded(): RpcError {
  const cause = `${MOST_WAITING} calls wait until the page has taken those before them.`;
  return new RpcError("rpc.overloaded", `${cause} Wait for answers before you call again.`);
}
