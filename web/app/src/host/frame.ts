/** Opens the closed-off frame of a plugin and hands it its port, once. */
import type { Hello, MirrorFacts, PythonRuntime } from "@imjoy/sdk";
import { codedError } from "../plugins/failure";
import { Meter } from "./flow";
import { frameText, SANDBOX, WITHOUT_DOWNLOADS } from "./frame-text";
import { keyboardOf } from "./keyboard";
import { type WarmFrame, workerFrame } from "./warm-frame";

export interface FrameOptions {
  container: HTMLElement;
  title: string;
  policy: string;
  /** Devices that the browser may let it use. */
  allow: readonly string[];
  /** Files may be saved from the frame itself. */
  downloads: boolean;
  /** Text of the program that runs first in the frame. */
  sdk: string;
  /** Run the plugin in a worker of the frame. */
  worker: boolean;
  /** Has a frame for a worker ready, mostly. */
  warm: WarmFrame;
  /** Where the frame looks for libraries first. */
  mirror: MirrorFacts | null;
  address: string;
  host: string;
  signal: AbortSignal;
  /** Its network is limited. */
  limited: boolean;
  /** Python for the frame, or for its worker. */
  python?: PythonRuntime;
  /** Told what Python prints, and how far it is with its start. */
  onSaid?: (what: { kind: "progress" | "output"; level: string; text: string }) => void;
}

export interface PluginFrame {
  readonly element: HTMLIFrameElement;
  readonly port: MessagePort;
  /** Called with a reason when the frame cannot go on; `stuck`: it does nothing else any more. */
  onFailed: (reason: string, stuck?: boolean) => void;
  remove(): void;
}

/** Seconds within which every step of starting a plugin must be answered. */
export const STEP_SECONDS = 20;

/** Milliseconds after which it is seen that a frame is no longer in the page; the browser does not tell. */
const LOOK = 250;

/** What a frame may say outside of its port within a second; Python says each line that it prints. */
const MOST_SAID = 10_000;

const LEAVING = "It wanted to go to another address, which a plugin with limited network may not.";

/**
 * Creates the frame and connects to it.
 * @throws RpcError plugin.load_failed when it does not answer in time, rpc.cancelled on abort
 */
export function openFrame(options: FrameOptions): Promise<PluginFrame> {
  const warm = options.worker ? options.warm.take() : null;
  const element = warm?.element ?? createElement(options);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(noAnswer(options.title));
    }, STEP_SECONDS * 1000);
    const frame: PluginFrame & { port: MessagePort | null } = {
      element,
      port: null as unknown as MessagePort,
      onFailed: () => undefined,
      remove: () => {
        removeEventListener("message", onMessage);
        removeEventListener("beforeunload", onUnload);
        clearInterval(watch);
        forget();
        frame.port?.close();
        element.remove();
      },
    };
    const forget = keyboardOf(window).watch(element, (reason) => frame.onFailed(reason));
    const said = new Meter(MOST_SAID);
    let unloading = false;
    const onUnload = (): void => {
      unloading = true;
    };
    const onLeaving = (): void => {
      // Every frame is told when the page is loaded again, and is let go at once.
      if (unloading) frame.remove();
      else frame.onFailed(LEAVING, true);
    };
    const watch = setInterval(() => {
      if (frame.port && element.contentWindow === null) {
        clearInterval(watch);
        frame.onFailed("Its frame was taken out of the page.");
      }
    }, LOOK);
    const fail = (error: Error): void => {
      settle();
      frame.remove();
      reject(error);
    };
    const onAbort = (): void => fail(codedError("rpc.cancelled", "The start was cancelled."));
    const settle = (): void => {
      clearTimeout(timer);
      options.signal.removeEventListener("abort", onAbort);
    };
    const connected = (): void => {
      settle();
      frame.port = connect(element.contentWindow as Window, options, onLeaving);
      resolve(frame);
    };
    // The frame has no origin that could be checked: what counts is which window speaks.
    const onMessage = (event: MessageEvent<unknown>): void => {
      if (event.source !== element.contentWindow || event.source === null) return;
      if (!said.take()) {
        frame.onFailed("It sends messages faster than the page can take them.");
        return;
      }
      const message = event.data as Said | null;
      if (message?.imjoy === "ready" && frame.port === null) connected();
      else if (message?.imjoy === "ready") {
        frame.onFailed("Its frame was moved or loaded again, and has forgotten everything.");
      } else if (message?.imjoy === "failed") frame.onFailed(String(message.message));
      else if (message?.imjoy === "progress" || message?.imjoy === "output") {
        const { imjoy: kind, level, text } = message;
        options.onSaid?.({ kind, level: String(level), text: String(text) });
      }
    };
    addEventListener("message", onMessage);
    addEventListener("beforeunload", onUnload);
    options.signal.addEventListener("abort", onAbort);
    if (options.signal.aborted) onAbort();
    else if (warm?.ready) connected();
    else if (!warm) options.container.append(element);
  });
}

/** What a frame says outside of its port. */
interface Said {
  imjoy?: unknown;
  message?: unknown;
  level?: unknown;
  text?: unknown;
}

function connect(target: Window, options: FrameOptions, onLeaving: () => void): MessagePort {
  const { address, host, mirror, policy, python, limited, worker } = options;
  const channel = new MessageChannel();
  const ports = [channel.port2];
  const hello: Hello = { imjoy: "connect", address, host, mirror, policy, limited };
  if (python) hello.python = python;
  if (limited && !worker) {
    // Of its own, so that no message of the plugin goes before this one.
    const leaving = new MessageChannel();
    leaving.port1.onmessage = onLeaving;
    ports.push(leaving.port2);
  }
  target.postMessage(hello, "*", ports);
  return channel.port1;
}

function createElement(options: FrameOptions): HTMLIFrameElement {
  if (options.worker) return workerFrame(options.sdk, options.title);
  const element = document.createElement("iframe");
  const sandbox = options.downloads ? SANDBOX : WITHOUT_DOWNLOADS;
  element.setAttribute("sandbox", sandbox);
  element.setAttribute("allow", ["fullscreen *", ...options.allow.map((n) => `${n} *`)].join("; "));
  element.title = options.title;
  element.style.cssText = "border:0;width:100%;height:100%;display:block";
  element.srcdoc = frameText(options);
  return element;
}

/** Milliseconds within which an empty frame must answer. */
const PROBE = 4000;

/** False when a process of the browser for plugin frames is kept busy by one of them. */
export async function framesAnswer(container: HTMLElement): Promise<boolean> {
  // Frames share a process when they are closed off in the same way.
  const ways = [SANDBOX, WITHOUT_DOWNLOADS].map((sandbox) => frameAnswers(container, sandbox));
  return (await Promise.all(ways)).every(Boolean);
}

function frameAnswers(container: HTMLElement, sandbox: string): Promise<boolean> {
  const element = document.createElement("iframe");
  element.setAttribute("sandbox", sandbox);
  element.title = "Test frame";
  element.srcdoc = "<script>parent.postMessage('here', '*')</script>";
  return new Promise((resolve) => {
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      removeEventListener("message", onMessage);
      element.remove();
      resolve(answer);
    };
    const onMessage = ({ source }: MessageEvent): void => {
      if (source !== null && source === element.contentWindow) end(true);
    };
    const timer = setTimeout(() => end(false), PROBE);
    addEventListener("message", onMessage);
    container.append(element);
  });
}

function noAnswer(title: string): Error {
  const cause = `The frame of ${title} did not answer within ${STEP_SECONDS} seconds.`;
  const remedy = "Close other plugins that keep the browser busy, then try again.";
  return codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy });
}
