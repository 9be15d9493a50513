/** Starts Python in a plugin's frame or worker, and joins it to the page's port. */
import { connectPort, type Frame, Peer } from "@imjoy/rpc";
import { installCamera } from "./camera";
import { load } from "./load";
import type { Hello, PythonRuntime } from "./messages";
import { installStorage } from "./storage";

/** Where the files of Python seem to be: they came with the first message, and nothing is fetched. */
const PLACE = "https://python.invalid/";

interface Pyodide {
  FS: { mkdirTree(path: string): void; writeFile(path: string, text: string): void };
  runPython(code: string): unknown;
  loadPackage(names: string[], options: object): Promise<unknown>;
}
type Load = (options: object) => Promise<Pyodide>;
type Receive = (header: string, body: string, buffers: ArrayBuffer[]) => void;
type Start = (
  address: string,
  send: (header: string, body: string, buffers: PythonList) => void,
) => Receive;

/** A list of Python, seen from here. */
interface PythonList {
  toJs(): ArrayBufferView[];
  destroy(): void;
}

/** Starts Python; `say` is told what it prints and how far it is. */
export async function startPython(
  { address, host, python }: Hello & { python: PythonRuntime },
  port: MessagePort,
  say: (message: { imjoy: "progress" | "output"; text: string; level?: string }) => void,
): Promise<void> {
  const line = new Line(port, address);
  furnish((name, ...args) => line.peer.call(host, `api.${name}`, args), python.storage);
  for (const step of python.steps) await load(step);
  say({ imjoy: "progress", text: "Starting Python" });
  const pyodide = await boot(python, (level, text) => say({ imjoy: "output", level, text }));
  const { wheels } = python;
  if (wheels.length > 0) {
    say({ imjoy: "progress", text: "Adding packages" });
    await pyodide.loadPackage(
      wheels.map((name) => `${PLACE}${name}`),
      { checkIntegrity: false },
    );
  }
  for (const [path, text] of Object.entries(python.sources)) {
    const file = `/imjoy/${path}`;
    pyodide.FS.mkdirTree(file.slice(0, file.lastIndexOf("/")));
    pyodide.FS.writeFile(file, text);
  }
  const start = pyodide.runPython(
    "import sys\nsys.path.insert(0, '/imjoy')\nfrom imjoy.worker.in_browser import start\nstart",
  ) as Start;
  line.join((send) => start(address, send));
}

async function boot(
  { files }: PythonRuntime,
  print: (level: string, text: string) => void,
): Promise<Pyodide> {
  // Only module workers are supported by name, and these cannot be made from texts in closed-off frames.
  if (typeof document === "undefined") {
    Object.defineProperty(globalThis, "importScripts", { value: undefined });
  }
  const file = (name: string): Blob => {
    const found = files[name];
    if (!found) throw new Error(`The file ${name} of Python is missing.`);
    return found;
  };
  const importFile = async (name: string): Promise<Record<string, unknown>> => {
    const url = URL.createObjectURL(new Blob([file(name)], { type: "text/javascript" }));
    try {
      return (await import(/* @vite-ignore */ url)) as Record<string, unknown>;
    } finally {
      URL.revokeObjectURL(url);
    }
  };
  serveFiles(files);
  const { loadPyodide } = await importFile("pyodide.mjs");
  const { default: createPyodideModule } = await importFile("pyodide.asm.mjs");
  return (loadPyodide as Load)({
    indexURL: PLACE,
    createPyodideModule,
    lockFileContents: JSON.parse(await file("pyodide-lock.json").text()) as object,
    stdout: (text: string) => print("info", text),
    stderr: (text: string) => print("error", text),
  });
}

/** Lets Python fetch its own files and wheels from what came with the first message. */
function serveFiles(files: Record<string, Blob>): void {
  const fetched = globalThis.fetch;
  globalThis.fetch = async (what, options) => {
    const url = what instanceof Request ? what.url : String(what);
    const name = url.startsWith(PLACE) ? url.slice(PLACE.length) : null;
    const blob = name === null ? undefined : files[name];
    if (!blob) return fetched(what, options);
    const type = url.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(blob, { headers: { "content-type": type } });
  };
}

/** What a window of a plugin finds in its frame although the browser gives it none; in a worker there is none of it. */
function furnish(
  call: (name: string, ...args: unknown[]) => Promise<unknown>,
  storage: Record<string, string> | null,
): void {
  if (typeof document === "undefined") return;
  const report = (error: unknown): void => void call("error", String(error)).catch(() => undefined);
  installCamera(call);
  installStorage(storage, (key, value) => {
    void call(key === null ? "storage.clear" : "storage.set", key, value).catch(report);
  });
  // The browser shows no dialogs of closed-off frames.
  globalThis.alert = (text?: unknown) => void call("alert", String(text ?? "")).catch(report);
}

/**
 * The port of the frame. Python is at its other end, and beside it, at the same address, a peer that only
 * calls: for what the frame itself needs of the page, also before Python is there.
 */
class Line {
  readonly peer: Peer;
  private readonly link: ReturnType<typeof connectPort>;
  private python: (receive: Receive) => void = () => undefined;
  /** Messages keep their order although parts of them may have to be read first. */
  private last: Promise<unknown>;

  constructor(port: MessagePort, address: string) {
    let receive: Receive = () => undefined;
    this.last = new Promise<void>((resolve) => {
      this.python = (given) => {
        receive = given;
        resolve();
      };
    });
    this.link = connectPort(port, {
      onFrame: (frame) => {
        if (this.isOurs(frame)) this.peer.receive(frame);
        else this.last = this.last.then(() => hand(frame, receive));
      },
      onError: () => undefined, // the page ends with its port
    });
    this.peer = new Peer({ address, send: this.link.send });
  }

  /** Leads to Python what came and what comes. */
  join(connect: (send: Parameters<Start>[1]) => Receive): void {
    const receive = connect((header, body, buffers) => {
      const parts = buffers
        .toJs()
        .map(({ buffer, byteOffset, byteLength }) =>
          (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength),
        );
      buffers.destroy();
      this.link.send({ header: JSON.parse(header), body, buffers: parts }, parts);
    });
    this.python(receive);
  }

  private isOurs({ header }: Frame): boolean {
    return (header.type === "result" || header.type === "error") && this.peer.awaits(header.id);
  }
}

async function hand({ header, body, buffers }: Frame, receive: Receive): Promise<void> {
  const parts = buffers.map((part) =>
    part instanceof Blob ? part.arrayBuffer() : (part as ArrayBuffer),
  );
  receive(JSON.stringify(header), body, await Promise.all(parts));
}
