/** Arrays between the page and Python: ours to the engine, bare WebSockets, and others' calls. */
import { io } from "socket.io-client";
import { addressOf, openWorkbench, peerOf } from "./bench";
import { best, type Figures, least, mean, timed } from "./times";

const ROUNDS = 2;
const SIZE = 16_000_000;
const TIMES = 5;

/** What each of them can do: take an array, give one, send one back, and answer without one. */
interface Way {
  noop(): Promise<unknown>;
  take(bytes: Uint8Array): Promise<unknown>;
  give(): Promise<unknown>;
  echo(bytes: Uint8Array): Promise<unknown>;
}

export async function sockets(query: URLSearchParams): Promise<Record<string, Figures>> {
  const bytes = image();
  const ways: Record<string, Way> = { ours: await ours() };
  for (const name of ["websockets", "uvicorn", "picows"]) {
    const port = query.get(name);
    if (port) ways[name] = await bare(port);
  }
  ways.deflate = await deflate(query.get("deflate") as string);
  const hypha = query.get("hypha");
  if (hypha) ways.hypha = await hyphaRpc(hypha, query.get("service") as string);
  const found: Record<string, Figures[]> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const times = name === "hypha" || name === "deflate" ? 2 : TIMES;
      found[name] = [...(found[name] ?? []), await figures(way, bytes, times)];
    }
  }
  return Object.fromEntries(Object.entries(found).map(([name, rounds]) => [name, least(rounds)]));
}

async function figures(way: Way, bytes: Uint8Array, times: number): Promise<Figures> {
  const run = (call: () => Promise<unknown>): Promise<number> => best(times, () => timed(call));
  await mean(20, () => way.noop());
  return {
    noop: await mean(200, () => way.noop()),
    up: await run(() => way.take(bytes)),
    down: await run(() => way.give()),
    both: await run(() => way.echo(bytes)),
  };
}

/** Bytes as a camera gives them: light with noise, which compresses a little. */
function image(): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  let state = 1;
  for (let i = 0; i < SIZE; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = 40 + (state >>> 28) + (state & 0x1000 ? 1 : 0);
  }
  return bytes;
}

async function ours(): Promise<Way> {
  const workbench = await openWorkbench();
  const peer = peerOf(workbench);
  const call = (target: string, ...args: unknown[]): Promise<unknown> =>
    peer.call(addressOf(workbench), target, args);
  return {
    noop: () => call("noop"),
    take: (bytes) => call("take", bytes),
    give: () => call("give"),
    echo: (bytes) => call("echo", bytes),
  };
}

/** A WebSocket and nothing else, to the server on this port. */
async function bare(port: string): Promise<Way> {
  const open = async (path: string): Promise<(message: string | Uint8Array) => Promise<unknown>> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`);
    socket.binaryType = "arraybuffer";
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no server on port ${port}`));
    });
    return (message) =>
      new Promise((resolve) => {
        socket.onmessage = ({ data }) => resolve(data);
        socket.send(message as Uint8Array<ArrayBuffer>);
      });
  };
  const [echo, take, give] = [await open("echo"), await open("take"), await open("give")];
  return { noop: () => echo("1"), take, give: () => give("1"), echo };
}

/** Stock Socket.IO at both ends, with the compression that its server has by default. */
async function deflate(port: string): Promise<Way> {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
  await new Promise<void>((resolve) => socket.on("connect", () => resolve()));
  const call = (event: string, value: unknown): Promise<unknown> => socket.emitWithAck(event, value);
  return {
    noop: () => call("echo", 1),
    take: (bytes) => call("take", bytes),
    give: () => call("give", 0),
    echo: (bytes) => call("echo", bytes),
  };
}

/** A service of a Python program, by way of a Hypha server. */
async function hyphaRpc(port: string, service: string): Promise<Way> {
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: "hypha-rpc.js", onload: resolve, onerror: reject });
    document.head.append(script);
  });
  const { hyphaWebsocketClient } = globalThis as unknown as {
    hyphaWebsocketClient: { connectToServer(options: object): Promise<{ getService(id: string): Promise<Way> }> };
  };
  const server = await hyphaWebsocketClient.connectToServer({ server_url: `http://127.0.0.1:${port}` });
  return server.getService(service);
}
