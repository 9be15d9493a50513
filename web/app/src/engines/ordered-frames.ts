/** Passes frames on in their order, although some of them need work that takes a while first. */
import { type AnyFrame, isBlob } from "@imjoy/rpc";

export class OrderedFrames {
  /** Frames behind one that is still being prepared must wait, or they would overtake it. */
  private queue: Promise<void> | null = null;
  private open = true;

  /**
   * @param prepare gives the frame to pass on, or null when it can go as it is
   * @param refuse is told of a frame that could not be prepared, when its turn has come
   */
  constructor(
    private readonly prepare: (frame: AnyFrame) => Promise<AnyFrame> | null,
    private readonly pass: (frame: AnyFrame) => void,
    private readonly refuse: (frame: AnyFrame, error: unknown) => void,
  ) {}

  put(frame: AnyFrame): void {
    const ready = this.queue === null ? this.prepare(frame) : null;
    if (this.queue === null && ready === null) {
      this.pass(frame);
      return;
    }
    const queued = (this.queue ?? Promise.resolve())
      .then(() => ready ?? this.prepare(frame) ?? frame)
      .then(
        (whole) => this.open && this.pass(whole),
        (error: unknown) => this.open && this.refuse(frame, error),
      )
      .then(() => {
        if (this.queue === queued) this.queue = null;
      });
    this.queue = queued;
  }

  /** Passes nothing on any more: the socket is gone, and the session sends again what was lost. */
  close(): void {
    this.open = false;
  }
}

export function hasBlobs({ buffers }: AnyFrame): boolean {
  return buffers.some(isBlob);
}

/** The frame with the bytes of its Blobs. */
export async function readBlobs(frame: AnyFrame): Promise<AnyFrame> {
  const buffers = frame.buffers.map((part) => (isBlob(part) ? part.arrayBuffer() : part));
  return { ...frame, buffers: await Promise.all(buffers) };
}
