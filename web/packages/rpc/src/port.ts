/** A MessagePort as a link: between the page, the frames of plugins and their workers. */
import { Backlog } from "./backlog";
import { Incoming, Outgoing } from "./batches";
import { RpcError } from "./errors";
import { isAddress } from "./ids";
import {
  answerTo,
  checkFrame,
  type Frame,
  type Header,
  type SendFrame,
  transferList,
} from "./protocol/frame";

export interface PortLink {
  send: SendFrame;
  /** Hands over a port that leads straight to the peer of this address. */
  introduce(address: string, port: MessagePort): void;
  close(): void;
}

/** Comes with a port that leads straight to another peer. */
interface Introduction {
  readonly neighbour: string;
}

/** Says that the receiver could not read the message of this number, counted from 1. */
interface Loss {
  readonly lost: number;
}

/** Follows frames; who gets it says that it has `passed` once it has taken them. */
interface Milestone {
  readonly milestone: number;
}

interface Passed {
  readonly passed: number;
}

/** Headers that are kept; a loss is told at once, so these are many more than can be under way. */
const KEPT = 4096;
const LOST =
  "A message could not be read where it went: the browser may have had no memory for it.";

export interface PortEvents {
  onFrame(frame: Frame): void;
  /** A message was no frame, or the other side has closed the port: the calls that wait should fail. */
  onError(error: RpcError): void;
  /** Told of a port that the other side hands over; who does not give it takes none. */
  onNeighbour?(address: string, port: MessagePort): void;
  /** To call `passed` when the frames before have been taken; who does not give it takes each at once. */
  onMilestone?(passed: () => void): void;
}

/**
 * Sends and receives frames through a port. A frame that the browser could not give to the other side
 * fails the call that it belongs to. `patient`: frames may wait for the end of the turn in which they
 * are sent, because it never computes for long. Who is not patient may be a plugin that never ends to call:
 * its frames wait here while thousands have not been taken by the other side.
 */
export function connectPort(
  port: MessagePort,
  events: PortEvents,
  { patient = false }: { patient?: boolean } = {},
): PortLink {
  const link = new Link(port, events, patient);
  return {
    send: (frame, transfer) => link.send(frame, transfer),
    introduce: (neighbour, way) => link.introduce(neighbour, way),
    close: () => link.close(),
  };
}

class Link {
  private open = true;
  private received = 0;
  private readonly sent = new SentHeaders();
  private readonly outgoing: Outgoing;
  private readonly backlog: Backlog | undefined;
  private readonly incoming: Incoming;

  constructor(
    private readonly port: MessagePort,
    private readonly events: PortEvents,
    patient: boolean,
  ) {
    this.outgoing = new Outgoing((frames) => this.postAll(frames), patient);
    if (!patient) this.backlog = new Backlog((milestone) => this.tell({ milestone }));
    this.incoming = new Incoming((message) => this.take(message), this.outgoing);
    port.addEventListener("message", (event) => this.open && this.receive(event));
    port.addEventListener("messageerror", () => this.unreadable());
    port.addEventListener("close", () => this.closed());
    port.start();
  }

  send(frame: Frame, transfer?: Transferable[]): void {
    if (!this.open) throw new RpcError("rpc.peer_gone", "The connection is closed.");
    if (this.backlog?.take(frame, transfer)) return;
    if (!this.outgoing.take(frame)) this.post(frame, transfer);
    this.backlog?.went(1);
  }

  introduce(neighbour: string, way: MessagePort): void {
    if (!this.open) return;
    this.outgoing.flush();
    this.port.postMessage({ neighbour } satisfies Introduction, [way]);
  }

  close(): void {
    if (this.open) this.outgoing.flush();
    this.open = false;
    this.port.close();
  }

  private post(frame: Frame, transfer: Transferable[] = []): void {
    this.port.postMessage(frame, transfer);
    this.sent.add([frame]);
  }

  /** Frames that nobody can be told of any more: if the browser does not take them, their calls fail. */
  private postAll(frames: Frame[]): void {
    if (!this.open) return;
    try {
      this.port.postMessage(frames.length === 1 ? frames[0] : frames);
      this.sent.add(frames);
    } catch (error) {
      if (frames.length > 1) for (const frame of frames) this.postAll([frame]);
      else this.fail((frames[0] as Frame).header, `The message could not be passed on: ${error}`);
    }
  }

  private receive({ data, ports }: MessageEvent): void {
    if (has(data, "lost")) for (const header of this.sent.get(data.lost)) this.fail(header, LOST);
    else if (has(data, "passed")) this.goOn(data.passed);
    else if (has(data, "milestone")) this.pass(data.milestone);
    else if (this.events.onNeighbour && ports[0] && isIntroduction(data)) {
      this.events.onNeighbour(data.neighbour, ports[0]);
    } else {
      this.received += 1;
      this.incoming.push(Array.isArray(data) ? data : [data]);
    }
  }

  private take(message: unknown): void {
    if (!this.open) return;
    try {
      const frame = checkFrame(message);
      const { type } = frame.header;
      if (type === "result" || type === "error") this.outgoing.calls -= 1;
      this.events.onFrame(frame);
    } catch (error) {
      this.events.onError(error as RpcError);
    }
  }

  private pass(milestone: number): void {
    const passed = () => this.tell({ passed: milestone });
    if (this.events.onMilestone) this.events.onMilestone(passed);
    else passed();
  }

  private goOn(milestone: number): void {
    const frames = this.backlog?.reached(milestone) ?? [];
    this.outgoing.together(frames, (frame) => this.post(frame, transferList(frame)));
    this.backlog?.went(frames.length);
  }

  private unreadable(): void {
    this.received += 1;
    this.tell({ lost: this.received });
  }

  private tell(message: Loss | Milestone | Passed): void {
    if (this.open) this.port.postMessage(message);
  }

  /** A call that did not arrive is answered here, and of an answer that did not its receiver is told. */
  private fail(header: Header, why: string): void {
    const failure = answerTo(header, new RpcError("rpc.unserializable", why));
    if (failure === undefined) return;
    if (header.type === "call") this.take(failure);
    else this.post(failure);
  }

  private closed(): void {
    if (!this.open) return;
    this.events.onError(new RpcError("rpc.peer_gone", "The other side has closed the connection."));
    this.open = false;
  }
}

/** The headers of the last messages, by their numbers. */
class SentHeaders {
  private readonly messages: Header[][] = [];
  private count = 0;

  add(frames: readonly Frame[]): void {
    this.count += 1;
    this.messages[this.count % KEPT] = frames.map(({ header }) => header);
  }

  get(number: number): Header[] {
    const isKept = number > this.count - KEPT && number <= this.count;
    return (isKept && this.messages[number % KEPT]) || [];
  }
}

function has<K extends string>(data: unknown, key: K): data is Record<K, number> {
  return (
    typeof data === "object" &&
    data !== null &&
    typeof (data as Record<K, unknown>)[key] === "number"
  );
}

function isIntroduction(data: unknown): data is Introduction {
  return typeof data === "object" && data !== null && isAddress((data as Introduction).neighbour);
}
