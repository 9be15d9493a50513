/** What waits to be sent in a session: small frames first, large ones in pieces, pairs in order. */
import { RpcError } from "../errors";
import { answerTo, type Frame, type Header } from "./frame";
import { LIMITS } from "./messages";
import { type AnyFrame, Cutter, sizeOf } from "./pieces";
import { Queue } from "./queue";
import { Way } from "./ways";

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

/** Frames between the same two peers keep their order as far as it matters; others may pass a large one. */
export class Outbox {
  /** Bytes that wait. */
  bytes = 0;
  private count = 0;
  private cut = 0;
  private readonly small = new Queue<AnyFrame>();
  /** Large frames that are being cut, in turns, and those that wait as the receiver takes no more at a time. */
  private readonly transfers = new Map<number, Cutter>();
  private readonly later = new Map<number, Cutter>();
  private begunBytes = 0;
  /** What is large, and what waits behind it, by its two peers. */
  private readonly ways = new Map<string, Way>();
  private readonly lossy = new Map<string, Frame>();

  /** @param cutFrom bytes of binary parts above which a frame is cut; 0: never */
  constructor(private readonly cutFrom: number) {}

  get length(): number {
    return this.count;
  }

  /** Whether a frame travels in pieces. */
  cuts(frame: AnyFrame): boolean {
    return this.cutFrom > 0 && sizeOf(frame) - frame.body.length > this.cutFrom;
  }

  /**
   * Takes a frame; gives the answer to a call that this one makes needless, if any.
   * @throws RpcError rpc.overloaded for a call or result when too much is waiting
   */
  add(frame: Frame): Frame | undefined {
    const { header } = frame;
    const size = sizeOf(frame);
    this.checkRoom(header.type, size);
    const answer = header.type === "call" && header.lossy ? this.replaceLossy(frame) : undefined;
    this.count += 1;
    this.bytes += size;
    const way = this.ways.get(pairOf(header));
    if (way?.holds(frame)) way.wait(frame);
    else this.take(frame);
    return answer;
  }

  /** One frame may always wait; answers without much in them, and all else that is small, too. */
  private checkRoom(type: string, size: number): void {
    const isMuch = this.bytes > 0 && this.bytes + size > LIMITS.waiting_bytes;
    if (type === "call" && (isMuch || this.count >= LIMITS.waiting_frames)) {
      const message = "Too many calls wait for the connection. Try again when it is back.";
      throw new RpcError("rpc.overloaded", message);
    }
    if (type === "result" && isMuch) {
      const message = "Its value could not be kept, as too much waits for the connection already.";
      throw new RpcError("rpc.overloaded", message);
    }
  }

  /** Takes a frame of the session's own, which is small. */
  addOwn(frame: AnyFrame): void {
    this.count += 1;
    this.small.push(frame);
  }

  /** The frame whose turn it is; `piece`: the bytes of a piece that may be under way, or 0. */
  next(hasRoom: (size: number) => boolean, piece: number): Entry | undefined {
    const frame = this.small.first;
    if (frame !== undefined) {
      const size = sizeOf(frame);
      if (!hasRoom(size)) return undefined;
      this.small.shift();
      this.left(frame, size);
      return { frame, size, cutter: undefined };
    }
    if (piece === 0 || !hasRoom(piece)) return undefined;
    this.begin();
    const [first] = this.transfers;
    if (first === undefined) return undefined;
    const [number, cutter] = first;
    this.transfers.delete(number);
    if (!cutter.isCut) {
      const before = cutter.cut;
      const frame = cutter.next(piece);
      this.transfers.set(number, cutter); // behind the others, so that all go on
      return { frame, size: cutter.cut - before, cutter };
    }
    this.left(cutter.frame, sizeOf(cutter.frame));
    this.begunBytes -= cutter.total;
    this.follow(cutter);
    return { frame: cutter.last(), size: cutter.frame.body.length, cutter: undefined };
  }

  /** Takes a call back that has not gone out, or not as a whole. */
  withdraw(call: string): Withdrawn | undefined {
    const isIt = (frame: AnyFrame) => frame.header.type === "call" && frame.header.id === call;
    const small = this.small.take(isIt);
    if (small !== undefined) return this.withdrawn(small as Frame, undefined);
    for (const [number, cutter] of [...this.transfers, ...this.later]) {
      if (!isIt(cutter.frame)) continue;
      if (this.transfers.delete(number)) this.begunBytes -= cutter.total;
      this.later.delete(number);
      const drop = { header: { type: "drop", of: number }, body: "", buffers: [] };
      const withdrawn = this.withdrawn(cutter.frame, cutter.cut > 0 ? drop : undefined);
      this.follow(cutter);
      return withdrawn;
    }
    for (const way of this.ways.values()) {
      const waiting = way.take(isIt);
      if (waiting !== undefined) return this.withdrawn(waiting, undefined);
    }
    return undefined;
  }

  /** Cuts no more of a large frame. */
  abandon(number: number): void {
    const cutter = this.transfers.get(number);
    if (cutter === undefined) return;
    this.transfers.delete(number);
    this.begunBytes -= cutter.total;
    this.left(cutter.frame, sizeOf(cutter.frame));
    this.follow(cutter);
  }

  /** Forgets everything; gives what was waiting. */
  clear(): AnyFrame[] {
    const frames = this.small.drain();
    for (const { frame } of [...this.transfers.values(), ...this.later.values()])
      frames.push(frame);
    for (const { waiting } of this.ways.values()) frames.push(...waiting);
    this.transfers.clear();
    this.later.clear();
    this.begunBytes = 0;
    this.ways.clear();
    this.lossy.clear();
    this.count = 0;
    this.bytes = 0;
    return frames;
  }

  /** Nothing holds the frame: it goes next, or begins to be cut. */
  private take(frame: Frame): void {
    if (!this.cuts(frame)) {
      this.small.push(frame);
      return;
    }
    this.cut += 1;
    const pair = pairOf(frame.header);
    const way = this.ways.get(pair) ?? new Way();
    this.ways.set(pair, way);
    way.begin(this.cut, frame);
    this.later.set(this.cut, new Cutter(frame, this.cut));
  }

  /** Large frames that waited join those that are being cut, as many as the receiver takes. */
  private begin(): void {
    for (const [number, cutter] of this.later) {
      if (this.transfers.size >= LIMITS.large_frames) return;
      const bytes = this.begunBytes + cutter.total;
      if (this.transfers.size > 0 && bytes > LIMITS.large_bytes) return;
      this.later.delete(number);
      this.transfers.set(number, cutter);
      this.begunBytes = bytes;
    }
  }

  /** What waited behind a large frame goes on, as far as nothing else holds it. */
  private follow({ number, frame: { header } }: Cutter): void {
    const pair = pairOf(header);
    const way = this.ways.get(pair);
    for (const frame of way?.freed(number, (one) => this.cuts(one)) ?? []) this.take(frame);
    if (way?.isEmpty) this.ways.delete(pair);
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
