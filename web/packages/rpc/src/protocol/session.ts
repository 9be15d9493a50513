/** One side of a session: frames are numbered, kept until they have arrived, and sent again. */
import { Bulk } from "./bulk";
import { type Frame, malformed } from "./frame";
import { Inbox } from "./inbox";
import { SESSION } from "./messages";
import { Outbox } from "./outbox";
import { type AnyFrame, type AnyHeader, type Cutter, sizeOf } from "./pieces";

interface Sent {
  readonly number: number;
  readonly frame: AnyFrame;
  readonly size: number;
  readonly time: number;
  readonly cutter: Cutter | undefined;
}

export interface SessionOptions {
  /** Puts a frame on the socket. */
  write: (frame: AnyFrame) => void;
  /** Takes a frame that has arrived. */
  deliver: (frame: Frame) => void;
  now: number;
  /** Bytes of binary parts above which a frame is cut; 0: never. */
  piece?: number | undefined;
}

/**
 * Numbers what is sent, drops what came twice, and sends again what did not arrive. Times are
 * seconds of a clock that never goes back; the session itself has no clock and no socket.
 */
export class Session {
  /** Told of frames that travel in pieces: their header, bytes that arrived, bytes in all. */
  onProgress: (header: AnyHeader, arrived: number, total: number) => void = () => undefined;
  /** The last number that has arrived, in order. */
  received = 0;
  isOpen = false;
  private readonly write: (frame: AnyFrame) => void;
  private readonly deliver: (frame: Frame) => void;
  private sent = 0;
  private unacked: Sent[] = [];
  /** Index of the first entry of `unacked` that is still there. */
  private first = 0;
  private unackedBytes = 0;
  private readonly bulk: Bulk;
  private readonly outbox: Outbox;
  /** Large frames that were given up, by their numbers. */
  private readonly givenUp = new Set<unknown>();
  private inbox = new Inbox();
  private acked = 0;
  private owedFrames = 0;
  private owedBytes = 0;
  private owedSince: number;
  private heardAt: number;
  private wroteAt: number;
  private tickedAt: number;
  private wall: number | undefined;

  constructor({ write, deliver, now, piece = SESSION.piece_bytes }: SessionOptions) {
    this.write = write;
    this.deliver = deliver;
    this.bulk = new Bulk(piece);
    this.outbox = new Outbox(piece);
    this.owedSince = this.heardAt = this.wroteAt = this.tickedAt = now;
  }

  /** Bytes that wait to be sent. */
  get waitingBytes(): number {
    return this.outbox.bytes;
  }

  get waitingFrames(): number {
    return this.outbox.length;
  }

  /** Frames that were sent and are not known to have arrived. */
  get unackedFrames(): number {
    return this.unacked.length - this.first;
  }

  // The socket.

  /**
   * A new socket carries the session; the other side has received up to this number.
   * @throws RpcError when what it lacks is not kept any more
   */
  opened(received: unknown, now: number): void {
    const oldest = this.sent - this.unackedFrames;
    if (!isCount(received) || received < oldest || received > this.sent) {
      throw malformed("the other side has received what was never sent, or lost too much");
    }
    this.isOpen = true;
    this.heardAt = this.wroteAt = now;
    this.acked = this.received;
    this.owedFrames = this.owedBytes = 0;
    this.arrived(received, now);
    for (const sent of this.unacked.slice(this.first)) this.put(sent.frame, now);
    this.pump(now);
  }

  /** The socket is gone; what is sent now waits for the next one. */
  closed(): void {
    this.isOpen = false;
  }

  /** Bytes have arrived, if only a part of a frame. */
  heard(now: number): void {
    this.heardAt = now;
  }

  // Frames.

  /** Sends a frame, at once or when its turn has come. @throws RpcError rpc.overloaded */
  send(frame: Frame, now: number): void {
    const { outbox } = this;
    if (outbox.length === 0) {
      const size = sizeOf(frame);
      if (this.hasRoom(size) && !outbox.cuts(frame)) {
        this.number(frame, size, now, undefined);
        return;
      }
    }
    if (frame.header.type === "cancel" && this.withdraw(frame.header.id, now)) return;
    const answer = outbox.add(frame);
    this.pump(now);
    if (answer !== undefined) this.deliver(answer);
  }

  /** Sends no more of a large frame, as a piece of it cannot be read; gives the frame, if that is new. */
  giveUp(number: number, now: number): Frame | undefined {
    const cutter = this.unacked.find((sent) => sent.cutter?.number === number)?.cutter;
    if (cutter === undefined || this.givenUp.has(number)) return undefined;
    this.givenUp.add(number);
    this.outbox.abandon(number);
    this.pump(now);
    return cutter.frame;
  }

  /** Whether a frame is a piece, or the end, of a large frame that was given up. */
  isGivenUp({ header: { of, pieces } }: AnyFrame): boolean {
    return this.givenUp.has(of ?? pieces);
  }

  /** Takes what came through the socket. @throws RpcError when numbers are missing */
  receive(frame: AnyFrame, now: number): void {
    this.heardAt = now;
    const { seq, ack, ...header } = frame.header;
    const { type } = header;
    if (type === "ack" || type === "ping") {
      if (type === "ping") this.acknowledge(now);
    } else if (!isCount(seq) || seq > this.received + 1) {
      throw malformed("a message before this one is missing");
    } else if (seq === this.received + 1) {
      this.received = seq;
      this.take({ header, body: frame.body, buffers: frame.buffers }, now);
    }
    if (ack !== undefined) {
      this.arrived(ack, now);
      this.pump(now);
    }
  }

  // Time.

  /**
   * Acknowledges, pings and notices silence; to be called about once a second. `wall` is the time
   * of day in seconds: when it jumps, the machine has slept. Gives the reason when the socket is
   * dead, which the owner then closes.
   */
  tick(now: number, wall: number): string | undefined {
    const passed = Math.max(now - this.tickedAt, this.wall === undefined ? 0 : wall - this.wall);
    this.tickedAt = now;
    this.wall = wall;
    if (!this.isOpen) return undefined;
    if (passed > SESSION.jump_seconds) {
      // What came meanwhile may not have been read yet.
      if (now - this.heardAt > SESSION.probe_seconds) {
        this.heardAt = now - SESSION.dead_seconds + SESSION.probe_seconds;
      }
      this.ping(now);
    }
    if (now - this.heardAt >= SESSION.dead_seconds) {
      return `Nothing was heard for ${SESSION.dead_seconds} seconds.`;
    }
    if (this.owedFrames > 0 && now - this.owedSince >= SESSION.ack_seconds) this.acknowledge(now);
    else if (now - this.wroteAt >= SESSION.heartbeat_seconds) this.ping(now);
    return undefined;
  }

  /** Begins anew, as with another engine; gives the frames that did not arrive. */
  reset(): AnyFrame[] {
    const unacked = this.unacked.slice(this.first);
    const waiting = this.outbox.clear();
    for (const { cutter } of unacked) {
      if (cutter && !waiting.includes(cutter.frame)) {
        waiting.unshift(cutter.frame);
      }
    }
    const lost = unacked.filter(({ cutter }) => cutter === undefined).map(({ frame }) => frame);
    this.inbox = new Inbox();
    this.givenUp.clear();
    this.unacked = [];
    this.first = this.sent = this.received = this.acked = 0;
    this.owedFrames = this.owedBytes = this.unackedBytes = 0;
    this.bulk.reset();
    this.isOpen = false;
    return [...lost, ...waiting].filter(({ header }) => !("pieces" in header));
  }

  // Inside.

  private take(frame: AnyFrame, now: number): void {
    if (this.owedFrames === 0) this.owedSince = now;
    this.owedFrames += 1;
    this.owedBytes += sizeOf(frame);
    const { type } = frame.header;
    const isEnd = "pieces" in frame.header || type === "drop";
    const { ack_frames, ack_bytes } = SESSION;
    if (this.owedFrames >= ack_frames || this.owedBytes >= ack_bytes || isEnd) {
      this.acknowledge(now);
    }
    let whole: AnyFrame | undefined = frame;
    if (isEnd || type === "piece") {
      whole = this.inbox.take(frame, (answer) => this.send(answer, now));
      const { progress } = this.inbox;
      if (progress) this.onProgress(progress.header, progress.received, progress.total);
    }
    if (whole !== undefined) this.deliver(whole as unknown as Frame);
  }

  private acknowledge(now: number): void {
    this.put({ header: { type: "ack" }, body: "", buffers: [] }, now);
  }

  private ping(now: number): void {
    this.put({ header: { type: "ping" }, body: "", buffers: [] }, now);
  }

  /** Writes a frame; what has arrived is acknowledged with it. */
  private put(frame: AnyFrame, now: number): void {
    const { type } = frame.header;
    let written = frame;
    if (this.acked !== this.received || type === "ack" || type === "ping") {
      this.acked = this.received;
      this.owedFrames = this.owedBytes = 0;
      const header = { ...frame.header, ack: this.received };
      written = { header, body: frame.body, buffers: frame.buffers };
    }
    this.wroteAt = now;
    if (this.isOpen) this.write(written);
  }

  private number(frame: AnyFrame, size: number, now: number, cutter: Cutter | undefined): void {
    this.sent += 1;
    const { body, buffers } = frame;
    const numbered = { header: { ...frame.header, seq: this.sent }, body, buffers };
    this.unacked.push({ number: this.sent, frame: numbered, size, time: now, cutter });
    this.unackedBytes += size;
    if (cutter !== undefined) this.bulk.sent(size);
    this.put(numbered, now);
  }

  private readonly hasRoom = (size: number): boolean => {
    if (!this.isOpen || this.unackedFrames >= SESSION.ring_frames) return false;
    return this.unackedBytes + size <= SESSION.ring_bytes || this.unackedBytes === 0;
  };

  /** Sends what waits, as far as the ring and the pieces under way allow. */
  private pump(now: number): void {
    while (this.outbox.length > 0) {
      const entry = this.outbox.next(this.hasRoom, this.bulk.hasRoom ? this.bulk.piece : 0);
      if (entry === undefined) return;
      this.number(entry.frame, entry.size, now, entry.cutter);
    }
  }

  private arrived(number: unknown, now: number): void {
    if (!isCount(number) || number > this.sent) {
      throw malformed("it acknowledges what was never sent");
    }
    for (;;) {
      const sent = this.unacked[this.first];
      if (sent === undefined || sent.number > number) break;
      this.first += 1;
      this.unackedBytes -= sent.size;
      const { cutter, size } = sent;
      if (cutter === undefined) continue;
      this.bulk.arrived(size, now - sent.time);
      cutter.arrived += size;
      this.onProgress(cutter.frame.header, cutter.arrived, cutter.total);
    }
    if (this.first === this.unacked.length) {
      this.unacked = [];
      this.first = 0;
    } else if (this.first > 1024) {
      this.unacked = this.unacked.slice(this.first);
      this.first = 0;
    }
  }

  /** Takes back a call that is not sent yet, or not whole; its caller gets the answer here. */
  private withdraw(call: string, now: number): boolean {
    const withdrawn = this.outbox.withdraw(call);
    if (withdrawn === undefined) return false;
    if (withdrawn.drop !== undefined) this.outbox.addOwn(withdrawn.drop);
    this.pump(now);
    this.deliver(withdrawn.answer);
    return true;
  }
}

/** Seconds before a try to connect again; the first one is 0. `chance` is between 0 and 1. */
export function reconnectDelay(attempt: number, chance: number): number {
  const delay = Math.min(
    SESSION.first_delay_ms * 2 ** Math.min(attempt, 20),
    SESSION.last_delay_ms,
  );
  return (delay * (1 - 0.5 * chance)) / 1000;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
