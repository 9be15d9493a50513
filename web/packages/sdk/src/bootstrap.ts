/** The program that runs first in every plugin frame and plugin worker. */
import { type CallContext, connectPort, NdArray, Parcels, Peer, RpcError } from "@imjoy/rpc";
import { makeApi } from "./api-proxy";
import { registerBrowserClasses } from "./browser-classes";
import { installCamera } from "./camera";
import { holdDepartures } from "./departures";
import { EarlyError } from "./early-error";
import { Events } from "./events";
import { nameAddresses } from "./fetch-errors";
import { allowHabits } from "./habits";
import { keepLinksWithin } from "./links";
import { load, useMirror } from "./load";
import type { Hello, LoadStep, PluginFacts, PythonRuntime } from "./messages";
import { addImportMap, installMirror } from "./mirror";
import { refuseNestedFrames } from "./nested-frames";
import { Publisher } from "./publish";
import { startPython } from "./python";
import { thrownBy, trimLines } from "./stack";
import { installStorage } from "./storage";

const inWorker = typeof document === "undefined";
const realm = globalThis as unknown as Record<string, unknown>;

closeLeaks();
allowHabits();
keepLinksWithin();
if (inWorker) tellOfClosing();
addEventListener("message", onMessage);
if (!inWorker) parent.postMessage({ imjoy: "ready" }, "*");

// Connections of WebRTC are not covered by the content security policy of the frame.
function closeLeaks(): void {
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel"]) {
    if (name in realm) {
      Object.defineProperty(realm, name, {
        value: undefined,
        writable: false,
        configurable: false,
      });
    }
  }
}

// The browser does not say that a worker has ended itself.
function tellOfClosing(): void {
  const close = realm.close as () => void;
  realm.close = () => {
    tell({ imjoy: "failed", message: "It has closed itself." });
    close();
  };
}

function onMessage(event: MessageEvent<unknown>): void {
  if (!inWorker && event.source !== parent) return;
  const hello = event.data as Partial<Hello> | null;
  const port = event.ports[0];
  if (hello?.imjoy !== "connect" || !port) return;
  removeEventListener("message", onMessage);
  if (hello.limited && !inWorker) {
    refuseNestedFrames();
    if (event.ports[1]) holdDepartures(event.ports[1]);
  }
  if (hello.mirror) {
    useMirror(installMirror(hello.mirror));
    if (!inWorker) addImportMap(hello.mirror);
  }
  if (typeof fetch === "function") nameAddresses(globalThis);
  if (hello.python) startInPython(hello as Hello & { python: PythonRuntime }, port);
  else start(hello as Hello, port);
}

/** Tells the page something outside of the port; a worker's frame passes it on. */
function tell(message: object): void {
  if (inWorker) postMessage(message);
  else parent.postMessage(message, "*");
}

function startInPython(hello: Hello & { python: PythonRuntime }, port: MessagePort): void {
  startPython(hello, port, tell).catch((error: unknown) => {
    tell({ imjoy: "failed", message: error instanceof Error ? error.message : String(error) });
  });
}

function start({ address, host }: Hello, port: MessagePort): void {
  let facts: PluginFacts | null = null;
  const connection = connectPort(port, {
    onFrame: (frame) => parcels.receive(frame),
    onError: (error) => {
      peer.messageLost();
      report(error);
    },
    onNeighbour: (neighbour, way) => parcels.connect(neighbour, way),
  });
  const parcels = new Parcels((frame) => peer.receive(frame), connection.send);
  const peer = new Peer({ address, send: parcels.send });
  registerBrowserClasses(peer);
  const events = new Events();
  const publisher = new Publisher(peer);
  const report = (error: unknown): void => {
    peer.call(host, "api.error", [describe(error)]).catch(() => undefined);
  };
  const call = (name: string, ...args: unknown[]): Promise<unknown> =>
    peer.call(host, `api.${name}`, args);
  installCamera(call);
  // The browser shows no dialogs of closed-off frames.
  realm.alert = (text?: unknown) => void call("alert", String(text ?? "")).catch(report);
  realm.NdArray = NdArray;
  realm.api = makeApi({
    peer,
    host,
    events,
    publisher,
    facts: () => {
      if (facts) return facts;
      throw new Error("The plugin is not loaded yet.");
    },
    onPublished: (plugin) => {
      if (facts?.type === "window") addWindowMethods(plugin);
    },
  });
  const control: Record<string, (...args: never[]) => unknown> = {
    "sdk.configure": (given: PluginFacts) => {
      facts = given;
      installStorage(inWorker ? null : given.storage, (key, value) => {
        void call(key === null ? "storage.clear" : "storage.set", key, value).catch(report);
      });
    },
    "sdk.load": (step: LoadStep) => load(step),
    "sdk.interface": async () => {
      const offered = await Promise.race([publisher.interface(), early.failed]);
      void events.emit("load", undefined).catch(report);
      return offered;
    },
    "sdk.emit": (name: string, value: unknown) => events.emit(name, value),
    "sdk.idle": () => publisher.idle(),
    "sdk.here": () => undefined,
    "sdk.lost": () => peer.messageLost(),
  };
  for (const [target, run] of Object.entries(control)) {
    peer.export(
      target,
      ((caller: CallContext, ...args: never[]) => {
        if (caller.from !== host) {
          throw new RpcError("plugin.permission", "Only the workbench may control a plugin.");
        }
        return run(...args);
      }) as (...args: never[]) => unknown,
      { withCaller: true },
    );
  }
  const early = new EarlyError();
  const uncaught = (error: unknown): void => {
    early.note(error);
    report(error);
  };
  addEventListener("error", (event) => {
    if (!event.defaultPrevented) uncaught(thrownBy(event as ErrorEvent));
  });
  addEventListener("unhandledrejection", (event) =>
    uncaught((event as PromiseRejectionEvent).reason),
  );
}

/** Older window plugins call `this.close()` and the like. */
function addWindowMethods(plugin: object): void {
  if (!Object.isExtensible(plugin)) return;
  const api = realm.api as Record<string, unknown>;
  for (const name of ["close", "focus", "resize", "show", "hide", "refresh"]) {
    if (!(name in plugin)) {
      Object.defineProperty(plugin, name, { value: api[name], configurable: true, writable: true });
    }
  }
}

function describe(error: unknown): string {
  if (error instanceof Error) return trimLines(error.stack ?? `${error.name}: ${error.message}`);
  return String(error);
}
