/**
 * Large binary parts that go straight from one plugin of the page to another. Their frames go through
 * the page as ever, which checks who may call whom and keeps the order.
 */
import { RpcError } from "./errors";
import { isWithin } from "./ids";
import {
  answerTo,
  type Buffer_,
  bulkOf,
  type Frame,
  type Header,
  type SendFrame,
} from "./protocol/frame";

/** From this many bytes on the way through the page costs more than a second message. */
export const DIRECT_FROM = 1 << 18;
/** Parcels without a frame that are kept for one plugin; more are no accident. */
const MOST_UNASKED = 256;
const LOST = "Its arrays did not arrive: the browser may have had no memory for them.";

interface Parcel {
  readonly parcel: number;
  readonly buffers: Buffer_[];
}

interface Neighbour {
  readonly port: MessagePort;
  /** Parcels that have come, by number; null: it could not be read. */
  readonly arrived: Map<number, Buffer_[] | null>;
  /** Frames of this plugin whose parcel has not come, and those behind them. */
  readonly waiting: Frame[];
  sent: number;
  received: number;
}

export class Parcels {
  private readonly neighbours = new Map<string, Neighbour>();

  /** `deliver` takes a whole frame, `post` sends one through the page. */
  constructor(
    private readonly deliver: (frame: Frame) => void,
    private readonly post: SendFrame,
  ) {}

  /** From now on a port leads straight to this plugin; only the page may say so. */
  connect(address: string, port: MessagePort): void {
    const neighbour = { port, arrived: new Map(), waiting: [], sent: 0, received: 0 };
    this.drop(address);
    this.neighbours.set(address, neighbour);
    const took = (buffers: Buffer_[] | null) => {
      neighbour.received += 1;
      neighbour.arrived.set(neighbour.received, buffers);
      if (neighbour.arrived.size > MOST_UNASKED) this.drop(address);
      else this.flush(neighbour);
    };
    port.onmessage = ({ data }) => took(isParcel(data) ? data.buffers : null);
    port.onmessageerror = () => took(null);
  }

  /** Sends a frame, its large parts on the straight way if there is one. */
  readonly send: SendFrame = (frame, transfer) => {
    const neighbour = this.neighbours.get(frame.header.to);
    if (neighbour === undefined || bulkOf(frame) < DIRECT_FROM) {
      this.post(frame, transfer);
      return;
    }
    const { header, body, buffers } = frame;
    const parcel = neighbour.sent + 1;
    neighbour.port.postMessage({ parcel, buffers } satisfies Parcel, transfer ?? []);
    neighbour.sent = parcel;
    const marked: Header & { parcel: number } = { ...header, parcel };
    this.post({ header: marked, body, buffers: [] });
  };

  /** Takes a frame that came through the page. */
  receive(frame: Frame): void {
    const { header } = frame;
    if (header.type === "gone") this.drop(header.peer);
    const neighbour = this.neighbours.get(header.from);
    if (neighbour !== undefined) {
      neighbour.waiting.push(frame);
      this.flush(neighbour);
    } else if (parcelOf(frame) === undefined) this.deliver(frame);
    else this.fail(frame);
  }

  private flush({ waiting, arrived }: Neighbour): void {
    for (let frame = waiting[0]; frame !== undefined; frame = waiting[0]) {
      const number = parcelOf(frame);
      const buffers = number === undefined ? frame.buffers : arrived.get(number);
      if (buffers === undefined) return;
      waiting.shift();
      if (number !== undefined) arrived.delete(number);
      if (buffers === null) this.fail(frame);
      else this.deliver({ ...frame, buffers });
    }
  }

  /** The plugin, or everything below this address, has gone. */
  private drop(root: string): void {
    for (const [address, { port, waiting }] of this.neighbours) {
      if (!isWithin(address, root)) continue;
      this.neighbours.delete(address);
      port.close();
      for (const frame of waiting) this.fail(frame);
    }
  }

  private fail(frame: Frame): void {
    const failure = answerTo(frame.header, new RpcError("rpc.unserializable", LOST));
    if (failure === undefined) return;
    if (frame.header.type === "call") this.post(failure);
    else this.deliver(failure);
  }
}

function parcelOf({ header }: Frame): number | undefined {
  const { parcel } = header as { parcel?: unknown };
  return typeof parcel === "number" ? parcel : undefined;
}

function isParcel(data: unknown): data is Parcel {
  return typeof data === "object" && data !== null && Array.isArray((data as Parcel).buffers);
}
