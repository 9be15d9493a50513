/** Frames over Socket.IO: one event with the header, the body and the binary parts as attachments. */
import { type Buffer_, checkFrame, type Frame, RpcError } from "@imjoy/rpc";
import { io, type Socket } from "socket.io-client";

export interface Welcome {
  protocol: number;
  peer: string;
  version: string;
}

export interface SocketEvents {
  onWelcome(welcome: Welcome): void;
  onFrame(frame: Frame): void;
  /** The connection was lost; it is tried again by itself. */
  onLost(reason: string): void;
  /** The engine refuses us for good. */
  onRefused(code: string): void;
}

const PROTOCOL = 1;

export class SocketIoTransport {
  private readonly socket: Socket;
  /** Frames behind one whose Blobs are still being read must wait, or they would overtake it. */
  private queue: Promise<void> | null = null;
  private closed = false;

  constructor(
    base: URL,
    auth: { token: string; peer: string },
    private readonly events: SocketEvents,
  ) {
    this.socket = io(base.origin, {
      path: new URL("socket.io/", base).pathname,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      auth: { ...auth, protocol: PROTOCOL },
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
      autoConnect: false,
    });
    this.listen();
    this.socket.connect();
  }

  /** Sends a frame. Throws rpc.peer_gone while there is no connection. */
  readonly send = (frame: Frame): void => {
    if (!this.socket.connected) {
      throw new RpcError("rpc.peer_gone", "The engine is not connected.");
    }
    if (this.queue === null && !frame.buffers.some(isBlob)) {
      this.emit(frame, frame.buffers);
      return;
    }
    const queued = (this.queue ?? Promise.resolve())
      .then(() => Promise.all(frame.buffers.map(toBytes)))
      .then((buffers) => this.emit(frame, buffers))
      .catch((error: unknown) => this.refuse(frame, error))
      .finally(() => {
        if (this.queue === queued) this.queue = null;
      });
    this.queue = queued;
  };

  close(): void {
    this.closed = true;
    this.socket.disconnect();
  }

  private emit({ header, body }: Frame, buffers: Buffer_[]): void {
    if (this.socket.connected) this.socket.emit("frame", header, body, ...buffers);
  }

  private refuse({ header }: Frame, error: unknown): void {
    if (header.type !== "call") return;
    const message = `A file could not be read: ${String(error)}`;
    const record = { code: "rpc.unserializable", name: "RpcError", message };
    this.events.onFrame({
      header: { type: "error", id: header.id, to: header.from, from: header.to },
      body: JSON.stringify({ ...record, traceback: null, data: null }),
      buffers: [],
    });
  }

  private listen(): void {
    const { socket, events } = this;
    socket.on("welcome", (welcome: Welcome) => events.onWelcome(welcome));
    socket.on("frame", (header: unknown, body: unknown, ...buffers: unknown[]) => {
      try {
        events.onFrame(checkFrame({ header, body, buffers }));
      } catch {
        // The engine made a frame that is none; nobody waits for it under a known name.
      }
    });
    socket.on("disconnect", (reason) => {
      if (this.closed) return;
      events.onLost(reason);
      // Socket.IO does not try again by itself when the server ended the connection.
      if (reason === "io server disconnect") setTimeout(() => this.reconnect(), 1000);
    });
    socket.on("connect_error", (error) => {
      if (/^(auth|protocol)\./.test(error.message)) {
        this.close();
        events.onRefused(error.message);
      } else {
        events.onLost(error.message);
        if (!socket.active) setTimeout(() => this.reconnect(), 2000);
      }
    });
  }

  private reconnect(): void {
    if (!this.closed) this.socket.connect();
  }
}

function isBlob(buffer: Buffer_): buffer is Blob {
  return typeof Blob !== "undefined" && buffer instanceof Blob;
}

async function toBytes(buffer: Buffer_): Promise<ArrayBuffer | Uint8Array> {
  return isBlob(buffer) ? buffer.arrayBuffer() : buffer;
}
