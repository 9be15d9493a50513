/** The process of the browser that the frames of all plugins share, and its end when one keeps it busy. */
import { RpcError } from "@imjoy/rpc";
import type { Entries } from "./entries";
import { framesAnswer } from "./frame";
import type { Instances } from "./instances";
import type { House } from "./runtimes";
import { WarmFrame } from "./warm-frame";

export class FrameProcess {
  /** Called when all frames had to be closed. */
  onLost: (reason: string) => void = () => undefined;
  readonly warm: WarmFrame;
  private recovering: Promise<void> = Promise.resolve();

  constructor(
    private readonly house: Pick<House, "hidden" | "sdk">,
    private readonly instances: Instances,
    private readonly entries: Entries,
  ) {
    this.warm = new WarmFrame(house.hidden, house.sdk);
  }

  /** Ends when it is known whether the process is busy, and it has been ended then. */
  get settled(): Promise<void> {
    return this.recovering;
  }

  /**
   * A frame in an endless loop keeps the process busy even after it was removed. The browser ends it
   * once no frame is left in it. `surely`: it is known to be busy.
   */
  async recover(culprit: string, surely = false): Promise<void> {
    if (!surely && (await framesAnswer(this.house.hidden()))) return;
    this.warm.drop();
    const reason = `${culprit} kept the browser's process for plugins busy. It was ended, and this plugin with it.`;
    for (const [id, instance] of this.instances.takeFrames()) {
      await instance.stop(reason, true);
      this.entries.log(id, "error", reason);
      this.entries.change(id, { state: "installed", progress: null, status: "" });
    }
    this.onLost(reason);
  }

  /** As `recover`; whoever starts a frame waits for it. */
  recoverSoon(culprit: string): void {
    this.recovering = this.recover(culprit);
  }
}

/** True for a start that was given up, so that the plugin may still be in an endless loop. */
export function maybeStuck(error: unknown): boolean {
  return error instanceof RpcError && ["rpc.timeout", "rpc.cancelled"].includes(error.code);
}
