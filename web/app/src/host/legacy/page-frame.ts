/** Shows a page of another site in a frame, and hands out a port to it. */
import { codedError } from "../../plugins/failure";
import { keyboardOf } from "../keyboard";

export interface PageFrameOptions {
  container: HTMLElement;
  title: string;
  src: string;
  base: URL;
  /** Devices that the browser may let it use. */
  allow: readonly string[];
  signal: AbortSignal;
}

export interface PageFrame {
  readonly element: HTMLIFrameElement;
  readonly port: MessagePort;
  remove(): void;
}

const OWN = "allow-scripts allow-forms allow-downloads allow-modals allow-popups";
const SECONDS = 10;

/**
 * Opens the page. The frame between is ours and may show other sites, which the workbench may not.
 * @throws RpcError plugin.load_failed, rpc.cancelled
 */
export function openPageFrame(options: PageFrameOptions): Promise<PageFrame> {
  const { container, title, src, base, allow, signal } = options;
  const element = document.createElement("iframe");
  element.title = title;
  element.setAttribute("allow", ["fullscreen *", ...allow.map((name) => `${name} *`)].join("; "));
  element.style.cssText = "border:0;width:100%;height:100%;display:block";
  element.src = new URL("external.html", base).href;
  return new Promise((resolve, reject) => {
    const end = (error: Error): void => {
      stop();
      element.remove();
      reject(error);
    };
    const onMessage = ({ source, data }: MessageEvent<{ imjoy?: unknown } | null>): void => {
      if (source === null || source !== element.contentWindow || data?.imjoy !== "ready") return;
      stop();
      const channel = new MessageChannel();
      const hello = { src, title, sandbox: sandboxFor(src, base), allow: element.allow };
      element.contentWindow?.postMessage(hello, base.origin, [channel.port2]);
      const forget = keyboardOf(window).watch(element, () => undefined);
      const remove = (): void => {
        forget();
        channel.port1.close();
        element.remove();
      };
      resolve({ element, port: channel.port1, remove });
    };
    const onAbort = (): void => end(codedError("rpc.cancelled", "The start was cancelled."));
    const timer = setTimeout(() => end(noFrame()), SECONDS * 1000);
    const stop = (): void => {
      clearTimeout(timer);
      removeEventListener("message", onMessage);
      signal.removeEventListener("abort", onAbort);
    };
    addEventListener("message", onMessage);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else container.append(element);
  });
}

/** A page of another site keeps its own storage; one of ours must not reach the workbench. */
function sandboxFor(src: string, base: URL): string {
  return new URL(src).origin === base.origin ? OWN : `${OWN} allow-same-origin`;
}

function noFrame(): Error {
  const cause = "The app's own page for pages of other sites did not answer.";
  const remedy = "Reload the workbench and try again.";
  return codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy });
}
