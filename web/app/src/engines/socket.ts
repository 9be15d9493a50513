/** One Socket.IO connection to an engine: frames as events, binary parts as attachments. */
import type { AnyFrame, Buffer_ } from "@imjoy/rpc";
import { io, type Socket } from "socket.io-client";

export interface Welcome {
  protocol: number;
  peer: string;
  version: string;
  session: {
    id: string;
    /** The session's secret; only of a new one. */
    key?: string;
    received: number;
    resumed: boolean;
    /** How the engine takes packed parts. */
    unpacks?: string;
    calls?: {
      id: string;
      to: string;
      target: string;
      seconds: number;
      state: "running" | "done";
    }[];
  };
}

export interface SocketEvents {
  onWelcome(welcome: Welcome): void;
  onFrame(frame: AnyFrame): void;
  /** Something has arrived, if only a part of a frame. */
  onHeard(): void;
  /** The connection was lost or could not be made; told once. */
  onLost(): void;
  /** The engine refuses us for good. */
  onRefused(code: string): void;
}

export interface Transport {
  send(frame: AnyFrame): void;
  close(): void;
}

const PROTOCOL = 1;

/** Connects once; whoever wants another try makes another one. */
export class SocketIoTransport implements Transport {
  private readonly socket: Socket;
  private closed = false;

  constructor(
    base: URL,
    auth: { token: string; peer: string; hello: Record<string, unknown> },
    private readonly events: SocketEvents,
  ) {
    this.socket = io(base.origin, {
      path: new URL("socket.io/", base).pathname,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      auth: { ...auth, protocol: PROTOCOL },
      reconnection: false,
      forceNew: true,
      autoConnect: false,
    });
    this.listen();
    this.socket.connect();
  }

  send({ header, body, buffers }: AnyFrame): void {
    if (this.socket.connected) this.socket.emit("frame", header, body, ...buffers);
  }

  close(): void {
    this.closed = true;
    this.socket.disconnect();
  }

  private listen(): void {
    const { socket, events } = this;
    socket.on("welcome", (welcome: Welcome) => events.onWelcome(welcome));
    socket.on("frame", (header: AnyFrame["header"], body: string, ...buffers: Buffer_[]) => {
      events.onFrame({ header, body, buffers });
    });
    socket.io.on("ping", () => events.onHeard());
    socket.on("disconnect", () => this.lost());
    socket.on("connect_error", ({ message }) => {
      if (!/^(auth|protocol|rpc)\./.test(message)) this.lost();
      else if (!this.closed) {
        this.close();
        events.onRefused(message);
      }
    });
  }

  private lost(): void {
    if (this.closed) return;
    this.close();
    this.events.onLost();
  }
}
