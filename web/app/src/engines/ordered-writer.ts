/** Puts frames on a socket in order, although the Blobs in some of them must be read first. */
import { type AnyFrame, isBlob } from "@imjoy/rpc";

type Write = (frame: AnyFrame) => void;

export class OrderedWriter {
  /** Frames behind one whose Blobs are still being read must wait, or they would overtake it. */
  private queue: Promise<void> | null = null;
  private open = true;

  /** @param refuse makes the frame that is sent in place of one whose files cannot be read */
  constructor(
    private readonly write: Write,
    private readonly refuse: (frame: AnyFrame, error: unknown) => AnyFrame,
  ) {}

  put(frame: AnyFrame): void {
    if (this.queue === null && !frame.buffers.some(isBlob)) {
      this.write(frame);
      return;
    }
    const queued = (this.queue ?? Promise.resolve())
      .then(() => read(frame))
      .catch((error: unknown) => this.refuse(frame, error))
      .then((whole) => {
        if (this.open) this.write(whole);
      })
      .finally(() => {
        if (this.queue === queued) this.queue = null;
      });
    this.queue = queued;
  }

  /** Writes nothing any more: the socket is gone, and the session sends again what was lost. */
  close(): void {
    this.open = false;
  }
}

async function read(frame: AnyFrame): Promise<AnyFrame> {
  const buffers = frame.buffers.map((part) => (isBlob(part) ? part.arrayBuffer() : part));
  return { ...frame, buffers: await Promise.all(buffers) };
}
