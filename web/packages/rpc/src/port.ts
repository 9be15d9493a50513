/** A MessagePort as a link: between the page, the frames of plugins and their workers. */
import { RpcError } from "./errors";
import { isAddress } from "./ids";
import { answerTo, checkFrame, type Frame, type Header, type SendFrame } from "./protocol/frame";

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

/** Headers that are kept; a loss is told at once, so these are many more than can be under way. */
const KEPT = 4096;
const LOST =
  "A message could not be read where it went: the browser may have had no memory for it.";

/**
 * Sends and receives frames through a port. A frame that the browser could not give to the other side
 * fails the call that it belongs to. `onError` is called when a message was not a frame, or when the
 * other side has closed the port: the owner should then fail the calls that wait. `onNeighbour` is
 * called with what the other side has introduced; who does not give it takes no introductions.
 */
export function connectPort(
  port: MessagePort,
  onFrame: (frame: Frame) => void,
  onError: (error: RpcError) => void,
  onNeighbour?: (address: string, port: MessagePort) => void,
): PortLink {
  let open = true;
  let received = 0;
  const sent = new SentHeaders();
  const post: SendFrame = (frame, transfer = []) => {
    port.postMessage(frame, transfer);
    sent.add(frame.header);
  };
  const onMessage = ({ data, ports }: MessageEvent) => {
    if (!open) return;
    try {
      if (isLoss(data)) onLoss(sent.get(data.lost));
      else if (onNeighbour && ports[0] && isIntroduction(data))
        onNeighbour(data.neighbour, ports[0]);
      else {
        received += 1;
        onFrame(checkFrame(data));
      }
    } catch (error) {
      onError(error as RpcError);
    }
  };
  const onUnreadable = () => {
    received += 1;
    if (open) port.postMessage({ lost: received } satisfies Loss);
  };
  // A call that was lost is answered here, and of an answer that was lost its receiver is told.
  const onLoss = (header: Header | undefined) => {
    const failure = header && answerTo(header, new RpcError("rpc.unserializable", LOST));
    if (failure === undefined) return;
    if (header?.type === "call") onFrame(failure);
    else post(failure);
  };
  const onClose = () => {
    if (open) onError(new RpcError("rpc.peer_gone", "The other side has closed the connection."));
    open = false;
  };
  port.addEventListener("message", onMessage);
  port.addEventListener("messageerror", onUnreadable);
  port.addEventListener("close", onClose);
  port.start();
  return {
    send: (frame, transfer) => {
      if (!open) throw new RpcError("rpc.peer_gone", "The connection is closed.");
      post(frame, transfer);
    },
    introduce: (neighbour, way) => {
      if (open) port.postMessage({ neighbour } satisfies Introduction, [way]);
    },
    close: () => {
      open = false;
      port.close();
    },
  };
}

/** The headers of the last messages, by their numbers. */
class SentHeaders {
  private readonly headers: Header[] = [];
  private count = 0;

  add(header: Header): void {
    this.count += 1;
    this.headers[this.count % KEPT] = header;
  }

  get(number: number): Header | undefined {
    const isKept = number > this.count - KEPT && number <= this.count;
    return isKept ? this.headers[number % KEPT] : undefined;
  }
}

function isLoss(data: unknown): data is Loss {
  return typeof data === "object" && data !== null && typeof (data as Loss).lost === "number";
}

function isIntroduction(data: unknown): data is Introduction {
  return typeof data === "object" && data !== null && isAddress((data as Introduction).neighbour);
}
