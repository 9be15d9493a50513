/** What waits to be sent in a session: small frames first, large ones in pieces, pairs in order. */
import { RpcError } from "../errors";
import { answerTo, type Frame, type Header } from "./frame";
import { SESSION } from "./messages";
import { type AnyFrame, Cutter, sizeOf } from "./pieces";

/** A frame to be numbered and written; `cutter`: of which frame it is a piece. */
export interface Entry {
  readonly frame: AnyFrame;
  readonly size: number;
  readonly cutter: Cutter | undefined;
}

/** A call that was taken back: what its caller is told, and what the receiver of pieces. */
export interface Withdrawn {
  readonly answer: Frame;
  readonly drop: AnyFrame | undefined;
}

interface Transfer {
  readonly cutter: Cutter;
  /** Frames between the same two peers, which must not pass this one. */
  readonly behind: Queue<Frame>;
}

/** Frames between the same two peers keep their order; others may pass a large one. */
export class Outbox {
  /** Bytes that wait. */
  bytes = 0;
  private count = 0;
  private cut = 0;
  private readonly small = new Queue<AnyFrame>();
  private readonly transfers = new Map<string, Transfer>();
  private readonly lossy = new Map<string, Frame>();

  /** @param piece the bytes after which a frame is cut; 0: never */
  constructor(private readonly piece: number) {}

  get length(): number {
    return this.count;
  }

  /** Whether a frame travels in pieces. */
  cuts(frame: AnyFrame): boolean {
    return this.piece > 0 && sizeOf(frame) - frame.body.length > this.piece;
  }

  /**
   * Takes a frame; gives the answer to a call that this one makes needless, if any.
   * @throws RpcError rpc.overloaded for a call when too much is waiting
   */
  add(frame: Frame): Frame | undefined {
    const { header } = frame;
    const size = sizeOf(frame);
    const full = this.count >= SESSION.waiting_frames || this.bytes + size > SESSION.waiting_bytes;
    if (header.type === "call" && full) {
      const message = "Too many calls wait for the connection. Try again when it is back.";
      throw new RpcError("rpc.overloaded", message);
    }
    const answer = header.type === "call" && header.lossy ? this.replaceLossy(frame) : undefined;
    this.count += 1;
    this.bytes += size;
    const pair = pairOf(header);
    const transfer = this.transfers.get(pair);
    if (transfer !== undefined) transfer.behind.push(frame);
    else if (this.cuts(frame)) this.begin(pair, frame, new Queue());
    else this.small.push(frame);
    return answer;
  }

  /** Takes a frame of the session's own, which is small. */
  addOwn(frame: AnyFrame): void {
    this.count += 1;
    this.small.push(frame);
  }

  /** The frame whose turn it is; `bulk`: one more piece may be under way. */
  next(hasRoom: (size: number) => boolean, bulk: boolean): Entry | undefined {
    const frame = this.small.first;
    if (frame !== undefined) {
      const size = sizeOf(frame);
      if (!hasRoom(size)) return undefined;
      this.small.shift();
      this.left(frame, size);
      return { frame, size, cutter: undefined };
    }
    const [first] = this.transfers;
    if (first === undefined || !bulk || !hasRoom(this.piece)) return undefined;
    const [pair, transfer] = first;
    const { cutter } = transfer;
    this.transfers.delete(pair);
    if (!cutter.isCut) {
      const before = cutter.cut;
      const piece = cutter.next();
      this.transfers.set(pair, transfer); // behind the others, so that all go on
      return { frame: piece, size: cutter.cut - before, cutter };
    }
    this.left(cutter.frame, sizeOf(cutter.frame));
    this.follow(pair, transfer.behind);
    return { frame: cutter.last(), size: cutter.frame.body.length, cutter: undefined };
  }

  /** Takes a call back that has not gone out, or not as a whole. */
  withdraw(call: string): Withdrawn | undefined {
    const isIt = (frame: AnyFrame) => frame.header.type === "call" && frame.header.id === call;
    const small = this.small.take(isIt);
    if (small !== undefined) return this.withdrawn(small as Frame, undefined);
    for (const [pair, { cutter, behind }] of this.transfers) {
      if (isIt(cutter.frame)) {
        this.transfers.delete(pair);
        const drop = { header: { type: "drop", of: cutter.number }, body: "", buffers: [] };
        const withdrawn = this.withdrawn(cutter.frame, cutter.cut > 0 ? drop : undefined);
        this.follow(pair, behind);
        return withdrawn;
      }
      const waiting = behind.take(isIt);
      if (waiting !== undefined) return this.withdrawn(waiting, undefined);
    }
    return undefined;
  }

  /** Forgets everything; gives what was waiting. */
  clear(): AnyFrame[] {
    const frames = this.small.drain();
    for (const { cutter, behind } of this.transfers.values()) {
      frames.push(cutter.frame, ...behind.drain());
    }
    this.transfers.clear();
    this.lossy.clear();
    this.count = 0;
    this.bytes = 0;
    return frames;
  }

  private begin(pair: string, frame: Frame, behind: Queue<Frame>): void {
    this.cut += 1;
    this.transfers.set(pair, { cutter: new Cutter(frame, this.cut, this.piece), behind });
  }

  /** What waited behind a large frame goes on, up to the next large one. */
  private follow(pair: string, behind: Queue<Frame>): void {
    for (let frame = behind.shift(); frame !== undefined; frame = behind.shift()) {
      if (this.cuts(frame)) {
        this.begin(pair, frame, behind);
        return;
      }
      this.small.push(frame);
    }
  }

  private left(frame: AnyFrame, size: number): void {
    this.count -= 1;
    this.bytes -= size;
    if (this.lossy.size > 0 && "lossy" in frame.header) this.lossy.delete(lossyKey(frame.header));
  }

  private withdrawn(frame: Frame, drop: AnyFrame | undefined): Withdrawn {
    this.left(frame, sizeOf(frame));
    const error = new RpcError("rpc.cancelled", "The call was cancelled before it was sent.");
    return { answer: answerError(frame.header, error), drop };
  }

  /** Takes the waiting call of the same key out: only the newest one is of interest. */
  private replaceLossy(frame: Frame): Frame | undefined {
    const key = lossyKey(frame.header);
    const old = this.lossy.get(key);
    this.lossy.set(key, frame);
    if (old === undefined || this.small.take((waiting) => waiting === old) === undefined) {
      return undefined;
    }
    this.count -= 1;
    this.bytes -= sizeOf(old);
    return { header: back("result", old.header), body: "null", buffers: [] };
  }
}

/** First in, first out; taking the first costs the same however many there are. */
class Queue<T> {
  private items: T[] = [];
  private start = 0;

  get first(): T | undefined {
    return this.items[this.start];
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    if (this.start >= this.items.length) return undefined;
    const item = this.items[this.start];
    this.items[this.start] = undefined as T;
    this.start += 1;
    if (this.start > 1024 && this.start * 2 > this.items.length) {
      this.items = this.items.slice(this.start);
      this.start = 0;
    }
    return item;
  }

  /** Takes the first item out that matches. */
  take(matches: (item: T) => boolean): T | undefined {
    for (let index = this.start; index < this.items.length; index += 1) {
      const item = this.items[index] as T;
      if (!matches(item)) continue;
      this.items.splice(index, 1);
      return item;
    }
    return undefined;
  }

  drain(): T[] {
    const items = this.items.slice(this.start);
    this.items = [];
    this.start = 0;
    return items;
  }
}

/** The answer to a call that ends in this error before it arrives. */
export function answerError(call: Header, error: RpcError): Frame {
  return answerTo({ ...call, type: "call" } as Header, error) as Frame;
}

function back(type: "result" | "error", call: Header): Header {
  return { type, id: (call as { id: string }).id, to: call.from, from: call.to };
}

function pairOf(header: { from: string; to: string }): string {
  return `${header.from} ${header.to}`;
}

function lossyKey(header: Record<string, unknown> | Header): string {
  const { from, to, lossy } = header as Record<string, unknown>;
  return `${from} ${to} ${lossy}`;
}
