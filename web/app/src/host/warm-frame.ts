/**
 * Keeps a frame for the next plugin in a worker ready, and with it the browser's process for closed-off
 * frames: to begin either takes longer than all else of a start.
 */
import { SANDBOX, workerFrameText } from "./frame-text";

/** A frame that is in the page; it says "ready" when it is. */
interface Prepared {
  element: HTMLIFrameElement;
  ready: boolean;
}

export class WarmFrame {
  private next: Prepared | null = null;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly container: () => HTMLElement,
    private readonly sdk: string,
  ) {}

  /** Prepares the next frame as soon as there is nothing else to do. */
  keep(): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.prepare(), PAUSE);
  }

  /** The frame that was prepared, for whoever asks first; null when there is none. */
  take(): Prepared | null {
    const { next } = this;
    this.next = null;
    return next?.element.isConnected ? next : null;
  }

  /** The browser ends the process once no frame is left in it. */
  drop(): void {
    clearTimeout(this.waiting);
    this.next?.element.remove();
    this.next = null;
  }

  private prepare(): void {
    if (this.next?.element.isConnected) return;
    const element = workerFrame(this.sdk, "Empty frame");
    const prepared: Prepared = { element, ready: false };
    const onMessage = ({ source, data }: MessageEvent<{ imjoy?: unknown } | null>): void => {
      if (source === null || source !== element.contentWindow || data?.imjoy !== "ready") return;
      removeEventListener("message", onMessage);
      prepared.ready = true;
    };
    addEventListener("message", onMessage);
    this.container().append(element);
    this.next = prepared;
  }
}

/** Milliseconds after a start in which the plugin that was started comes first. */
const PAUSE = 50;

/** The frame of any plugin in a worker; which one is said to it when it is connected. */
export function workerFrame(sdk: string, title: string): HTMLIFrameElement {
  const element = document.createElement("iframe");
  // Frames share a process when they are closed off in the same way.
  element.setAttribute("sandbox", SANDBOX);
  element.title = title;
  element.srcdoc = workerFrameText(sdk);
  return element;
}
