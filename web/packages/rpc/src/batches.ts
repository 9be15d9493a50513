/** Small frames that leave together: a message to another process costs many times what is in it. */
import type { Frame } from "./protocol/frame";

/** So many frames in one message, and so long a text, gain nothing from more. */
const MOST = 256;
const LONG = 1 << 14;
/** From so many on, calls wait for those that others make meanwhile, and answers for each other. */
const MANY = 8;
/** Milliseconds for which a call may run while the answers before it wait. */
const QUICK = 1;

/** Frames that are on their way out. */
export class Outgoing {
  /** Answers wait, because the calls of one message are being taken. */
  holdsAnswers = false;
  /** Calls that went out and are not answered. */
  calls = 0;
  private frames: Frame[] = [];
  private holdsAll: boolean;

  /** @param patient frames wait for others of their turn; only for code that never computes for long */
  constructor(
    private readonly post: (frames: Frame[]) => void,
    private readonly patient: boolean,
  ) {
    this.holdsAll = patient;
  }

  /** Takes a frame that can wait; one that cannot is to be sent now, behind those that did. */
  take({ header, body, buffers }: Frame): boolean {
    const { type } = header;
    if (type === "call") this.calls += 1;
    const held = this.holdsAll || (this.holdsAnswers && (type === "result" || type === "error"));
    if (!held || buffers.length > 0 || body.length > LONG) {
      this.flush();
      return false;
    }
    this.frames.push({ header, body, buffers });
    if (this.frames.length === MOST) this.flush();
    else if (this.patient && this.frames.length === 1) this.flushSoon();
    return true;
  }

  /** Sends these in as few messages as can be; `post` sends one that must go alone. */
  together(frames: readonly Frame[], post: (frame: Frame) => void): void {
    this.holdsAll = true;
    for (const frame of frames) if (!this.take(frame)) post(frame);
    this.holdsAll = this.patient;
    if (!this.patient && !this.holdsAnswers) this.flush();
  }

  flush(): void {
    if (this.frames.length === 0) return;
    const { frames } = this;
    this.frames = [];
    this.post(frames);
  }

  /** After this turn; while many calls wait, after those that the answers which are here already lead to. */
  private flushSoon(): void {
    if (this.calls < MANY) queueMicrotask(() => this.flush());
    else inNextTurn(() => this.flush());
  }
}

const { port1, port2 } = new MessageChannel();
const turns: (() => void)[] = [];
port2.onmessage = () => turns.shift()?.();
(port2 as { unref?: () => void }).unref?.(); // Node would wait for it

/** A timer would come milliseconds later. */
function inNextTurn(run: () => void): void {
  turns.push(run);
  port1.postMessage(null);
}

/** Frames that came together, each taken in a turn of its own, so that its answer may go before the next. */
export class Incoming {
  private readonly waiting: unknown[] = [];
  private busy = false;

  /** `take` handles one message that holds one frame. */
  constructor(
    private readonly take: (message: unknown) => void,
    private readonly outgoing: Outgoing,
  ) {}

  /** Takes the frames of one message, behind those that came before. */
  push(messages: readonly unknown[]): void {
    if (!this.busy && messages.length === 1) this.take(messages[0]);
    else {
      for (const message of messages) this.waiting.push(message);
      if (!this.busy) void this.drain();
    }
  }

  private async drain(): Promise<void> {
    const { waiting, outgoing } = this;
    outgoing.holdsAnswers = waiting.length >= MANY;
    this.busy = true;
    for (let next = 0; next < waiting.length; next += 1) {
      const began = performance.now();
      this.take(waiting[next]);
      await null;
      if (performance.now() - began > QUICK) {
        outgoing.holdsAnswers = false;
        outgoing.flush();
      }
    }
    waiting.length = 0;
    this.busy = false;
    outgoing.holdsAnswers = false;
    outgoing.flush();
  }
}
