/** Keeps the browser's process for closed-off frames alive, as beginning one takes longer than all else of a start. */
import { SANDBOX } from "./frame";

/** An empty frame; what keeps the process is that it is there. */
export class WarmFrame {
  private element: HTMLIFrameElement | null = null;

  constructor(private readonly container: () => HTMLElement) {}

  keep(): void {
    if (this.element?.isConnected) return;
    const element = document.createElement("iframe");
    // Frames share a process when they are closed off in the same way.
    element.setAttribute("sandbox", SANDBOX);
    element.title = "Empty frame";
    element.srcdoc = "<!doctype html>";
    this.container().append(element);
    this.element = element;
  }

  /** The browser ends the process once no frame is left in it. */
  drop(): void {
    this.element?.remove();
    this.element = null;
  }
}
