/** The link to an engine: one session over as many sockets as it takes. */
import {
  type AnyFrame,
  answerTo,
  type Frame,
  type Header,
  PACKING,
  Packer,
  RpcError,
  reconnectDelay,
  SESSION,
  Session,
  unpack,
  withFixedBuffers,
} from "@imjoy/rpc";
import type { PageIdentity } from "./identity";
import { hasBlobs, OrderedFrames, readBlobs } from "./ordered-frames";
import type { SocketEvents, Transport, Welcome } from "./socket";

/** A call of the last load of this page that the engine still knows. */
export interface KeptCall {
  readonly id: string;
  readonly to: string;
  readonly target: string;
  readonly seconds: number;
  readonly state: "running" | "done";
}

export interface LinkEvents {
  /** A session goes on, or a new one has begun (`resumed`). */
  onWelcome(welcome: Welcome, resumed: boolean, calls: KeptCall[]): void;
  onFrame(frame: Frame): void;
  /** What was sent again, or had waited, is on its way, or has all arrived. */
  onCatchingUp(catchingUp: boolean): void;
  /** No socket: it is tried again at that time (ms since 1970). */
  onWaiting(retryAt: number): void;
  /** The engine refuses us; nothing is tried any more. */
  onRefused(code: string): void;
  /** Nobody knows any more how the calls that wait will have ended. */
  onGivenUp(): void;
}

export interface LinkOptions {
  identity: PageIdentity;
  connect: (hello: Record<string, unknown>, events: SocketEvents) => Transport;
  events: LinkEvents;
}

const TICK = 1000;
const seconds = (): number => performance.now() / 1000;

export class EngineLink {
  readonly session: Session;
  private transport: Transport | null = null;
  private writer: OrderedFrames | null = null;
  private packer = new Packer(null);
  private attempt = 0;
  private lostAt: number | null = null;
  private catchingUp = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly ticker: ReturnType<typeof setInterval>;
  private readonly onWake = (): void => this.wake();

  constructor(private readonly options: LinkOptions) {
    this.session = new Session({
      write: (frame) => this.writer?.put(frame),
      deliver: (frame) => this.options.events.onFrame(frame),
      now: seconds(),
    });
    this.ticker = setInterval(() => this.tick(), TICK);
    for (const name of ["online", "focus"]) globalThis.addEventListener?.(name, this.onWake);
    this.connect();
  }

  /** Sends a frame now, or with the next socket. */
  readonly send = (frame: Frame): void => this.session.send(withFixedBuffers(frame), seconds());

  /** Ends the link for good. */
  close(): void {
    clearInterval(this.ticker);
    clearTimeout(this.retry);
    for (const name of ["online", "focus"]) globalThis.removeEventListener?.(name, this.onWake);
    this.dropSocket();
  }

  private connect(): void {
    const { identity } = this.options;
    identity.generation += 1;
    identity.keep?.();
    const { session, generation, fresh } = identity;
    const wanted = { generation, fresh, received: this.session.received, unpacks: PACKING };
    const reader = new OrderedFrames(
      (frame) => ("packed" in frame.header ? unpack(frame) : null),
      (frame) => this.transport === mine && this.receive(frame),
      () => this.transport === mine && this.lost(), // the next socket brings it again
    );
    const hello = { session: { ...session, ...wanted } };
    const mine: Transport = this.options.connect(hello, {
      onWelcome: (welcome) => this.transport === mine && this.welcome(welcome),
      onFrame: (frame) => {
        this.packer.arrived(frame.header.ack, seconds());
        reader.put(frame);
      },
      onHeard: () => this.transport === mine && this.session.heard(seconds()),
      onLost: () => this.transport === mine && this.lost(),
      onRefused: (code) => this.transport === mine && this.refused(code),
    });
    this.transport = mine;
  }

  private welcome(welcome: Welcome): void {
    const { identity, events } = this.options;
    const told = welcome.session;
    const same = welcome.peer === identity.engine;
    const resumed = told.resumed && same;
    this.lostAt = null;
    if (!resumed) {
      this.session.reset();
      if (told.key !== undefined) identity.session = { id: told.id, key: told.key };
      identity.engine = welcome.peer;
    }
    const calls = resumed && identity.fresh ? (told.calls ?? []) : [];
    identity.fresh = false;
    identity.keep?.();
    const { transport } = this;
    this.packer = new Packer(told.unpacks);
    this.writer = new OrderedFrames(
      (frame) => this.prepare(frame),
      (frame) => {
        const sent = this.session.isGivenUp(frame) ? dropInPlace(frame) : frame;
        this.packer.sent(sent, seconds());
        transport?.send(sent);
      },
      (frame, error) => transport?.send(this.unreadable(frame, error)),
    );
    events.onWelcome(welcome, resumed, calls);
    try {
      this.session.opened(told.received, seconds());
      this.noteCatchingUp(true);
    } catch {
      identity.session = null; // the two sides disagree: begin anew
      this.lost();
    }
  }

  /** What a frame needs before it can be sent; null for most. */
  private prepare(frame: AnyFrame): Promise<AnyFrame> | null {
    const { packer } = this;
    if (!hasBlobs(frame)) return packer.wants(frame, seconds()) ? packer.pack(frame) : null;
    return readBlobs(frame).then((read) =>
      packer.wants(read, seconds()) ? packer.pack(read) : read,
    );
  }

  private noteCatchingUp(now = this.catchingUp): void {
    const { unackedFrames, waitingFrames } = this.session;
    const catchingUp = now && unackedFrames + waitingFrames > 0;
    if (catchingUp === this.catchingUp) return;
    this.catchingUp = catchingUp;
    this.options.events.onCatchingUp(catchingUp);
  }

  private receive(frame: AnyFrame): void {
    this.attempt = 0; // not with the welcome: a connection that only opens is no good one
    try {
      this.session.receive(frame, seconds());
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.lost(); // a number is missing: the next socket brings it
    }
    if (this.catchingUp) this.noteCatchingUp();
  }

  private tick(): void {
    const now = seconds();
    if (this.session.tick(now, Date.now() / 1000) !== undefined) this.lost();
    if (this.lostAt !== null && now - this.lostAt > SESSION.grace_seconds) {
      this.lostAt = null;
      this.options.events.onGivenUp();
    }
  }

  private lost(): void {
    this.dropSocket();
    this.catchingUp = false;
    this.lostAt ??= seconds();
    const delay = reconnectDelay(this.attempt, Math.random()) * 1000;
    this.attempt += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), delay);
    this.options.events.onWaiting(Date.now() + delay);
  }

  private refused(code: string): void {
    this.dropSocket();
    clearInterval(this.ticker);
    this.options.events.onRefused(code);
  }

  /** The network is back, or somebody looks: there is no reason to wait any longer. */
  private wake(): void {
    if (this.transport !== null) {
      this.tick();
      return;
    }
    if (this.lostAt === null) return;
    clearTimeout(this.retry);
    this.attempt = 0;
    this.connect();
  }

  private dropSocket(): void {
    const { transport } = this;
    this.transport = null;
    this.writer?.close();
    this.writer = null;
    this.session.closed();
    transport?.close();
  }

  /** A file cannot be read: its number is used for something harmless, and its call fails. */
  private unreadable(frame: AnyFrame, error: unknown): AnyFrame {
    const { of, type } = frame.header;
    const failure = new RpcError("rpc.unserializable", `A file could not be read: ${error}`);
    const header = frame.header as unknown as Header;
    const answer = answerTo(header, failure);
    if (type === "result" && answer)
      return { ...answer, header: { ...frame.header, type: "error" } };
    const whole = type === "piece" ? this.session.giveUp(Number(of), seconds()) : frame;
    if (whole) this.fail(whole.header as Header, failure);
    return dropInPlace(frame);
  }

  /** Ends the call of a frame that does not arrive. */
  private fail(header: Header, failure: RpcError): void {
    const answer = answerTo(header, failure);
    if (answer === undefined) return;
    if (header.type === "call") this.options.events.onFrame(answer);
    else this.send(answer);
  }
}

/** What is sent in place of a frame, so that its number is used. */
function dropInPlace({ header: { seq, of, pieces } }: AnyFrame): AnyFrame {
  return { header: { type: "drop", of: of ?? pieces ?? 0, seq }, body: "", buffers: [] };
}
