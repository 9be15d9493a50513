/** For pages of other sites: shows a workbench in a place of theirs, and gives them its `api`. */
import { connectPort, NdArray, Peer } from "@imjoy/rpc";
import { makeApi } from "./api-proxy";
import { Events } from "./events";
import { Publisher } from "./publish";

/** Parameters of the address, such as `plugin`, `open` or `standalone`; a list gives one several times. */
export type Parameters_ = Record<string, string | number | boolean | readonly string[]>;

export interface EmbedOptions {
  /** Address of the workbench; that from which this script was loaded when there is none. */
  base?: string;
  /** "app" shows the workbench, "lite" one plugin as an app. */
  page?: "app" | "lite";
  title?: string;
  parameters?: Parameters_;
  /** Milliseconds to wait for the workbench; while its user is asked, no time passes. */
  timeout?: number;
}

const WAIT = 30_000;
const here = (document.currentScript as HTMLScriptElement | null)?.src ?? location.href;

/** Creates the frame in `place` and connects to it. @returns the api of the workbench */
export function open(place: HTMLElement, options: EmbedOptions = {}): Promise<object> {
  const frame = document.createElement("iframe");
  frame.title = options.title ?? "ImJoy";
  frame.allow = "fullscreen; clipboard-write; cross-origin-isolated";
  frame.style.cssText = "width:100%;height:100%;border:0";
  frame.src = addressOf(options);
  const connected = connect(frame, options);
  place.append(frame);
  return connected;
}

/** The address of a workbench that listens to the page around it. */
export function addressOf({ base, page = "app", parameters = {} }: EmbedOptions): string {
  const root = new URL(base ?? new URL("../", here).href);
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  params.set("expose", "1");
  const file = page === "lite" ? "lite.html" : "";
  return `${new URL(file, root).href}#/${page}?${params}`;
}

/** Connects to a workbench in a frame that is there, whose address has `expose=1`. */
export function connect(frame: HTMLIFrameElement, { timeout = WAIT }: EmbedOptions = {}) {
  const origin = new URL(frame.src, location.href).origin;
  return new Promise<object>((resolve, reject) => {
    const timer = setTimeout(() => {
      removeEventListener("message", onMessage);
      const remedy = `Is ${location.origin} allowed to show it (--embed-in), and is it running?`;
      reject(new Error(`The workbench at ${origin} does not answer. ${remedy}`));
    }, timeout);
    const onMessage = (event: MessageEvent<{ imjoy?: unknown } | null>): void => {
      const isOurs = event.source === frame.contentWindow && event.origin === origin;
      if (!isOurs || event.data?.imjoy !== "embeddable") return;
      clearTimeout(timer);
      removeEventListener("message", onMessage);
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", ({ data }) => settle(port1, data, resolve, reject), {
        once: true,
      });
      port1.start();
      frame.contentWindow?.postMessage({ imjoy: "embed" }, origin, [port2]);
    };
    addEventListener("message", onMessage);
  });
}

interface Answer {
  imjoy: "welcome" | "refused";
  address: string;
  host: string;
  message: string;
}

function settle(
  port: MessagePort,
  { imjoy, address, host, message }: Answer,
  resolve: (api: object) => void,
  reject: (error: Error) => void,
): void {
  if (imjoy !== "welcome") {
    port.close();
    reject(new Error(message));
    return;
  }
  const connection = connectPort(port, {
    onFrame: (frame) => peer.receive(frame),
    onError: () => peer.messageLost(),
  });
  const peer = new Peer({ address, send: connection.send });
  const facts = { name: location.origin, type: "page", tag: null, workspace: "default" };
  resolve(
    makeApi({
      peer,
      host,
      events: new Events(),
      publisher: new Publisher(peer),
      facts: () => ({ ...facts, engineUrl: "", services: null, storage: null, config: {} }),
      onPublished: () => undefined,
    }),
  );
}

export { NdArray };
