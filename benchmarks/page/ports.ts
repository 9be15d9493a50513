/** Calls of the page to a worker plugin, beside bare messages and Comlink to the worker of such a frame. */
import { addressOf, install, openWorkbench, peerOf } from "./bench";
import keeper from "./keeper.imjoy.html?raw";
import { type Figures, inFlight, least, mean } from "./times";

const ROUNDS = 8;
const BARE = "onmessage = ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(data); };";
const COMLINK = "onmessage = ({ ports: [port] }) => Comlink.expose({ noop() {} }, port);";

type Call = () => Promise<unknown>;

export async function ports(): Promise<Record<string, Figures>> {
  const calls: Record<string, Call> = {
    ours: await plugin(),
    bare: await bare((number) => number, (answer) => answer as number),
    framed: await bare(framed, (answer) => Number((answer as { header: { id: string } }).header.id)),
    comlink: await comlink(),
  };
  const found: Record<string, Figures[]> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, call] of Object.entries(calls)) {
      found[name] = [...(found[name] ?? []), await figures(call)];
    }
  }
  return Object.fromEntries(Object.entries(found).map(([name, rounds]) => [name, least(rounds)]));
}

async function figures(call: Call): Promise<Figures> {
  await mean(100, call);
  return { noop: await mean(400, call), flight: await inFlight(64, 6000, call) };
}

async function plugin(): Promise<Call> {
  const workbench = await openWorkbench();
  const id = await install(workbench, keeper, "keeper");
  await workbench.startPlugin(id);
  const peer = peerOf(workbench);
  const address = addressOf(workbench, id);
  return () => peer.call(address, "noop", []);
}

/** Messages and nothing else; each has a number by which its answer is known. */
async function bare(
  make: (number: number) => unknown,
  read: (answer: unknown) => number,
): Promise<Call> {
  const port = await workerOfFrame(BARE);
  const waiting = new Map<number, () => void>();
  let count = 0;
  port.onmessage = ({ data }) => {
    const number = read(data);
    waiting.get(number)?.();
    waiting.delete(number);
  };
  return () =>
    new Promise<void>((resolve) => {
      count += 1;
      waiting.set(count, resolve);
      port.postMessage(make(count));
    });
}

/** A message of the form and the size that a call has. */
function framed(number: number): unknown {
  const id = String(number).padStart(32, "0");
  const [from, to] = ["0".repeat(32), `${"0".repeat(32)}/${"1".repeat(32)}`];
  return { header: { type: "call", id, to, from, target: "noop" }, body: "[]", buffers: [] };
}

async function comlink(): Promise<Call> {
  const text = await (await fetch("comlink.js")).text();
  const port = await workerOfFrame(`${text}\n${COMLINK}`);
  const { wrap } = await import(/* @vite-ignore */ new URL("comlink.mjs", document.baseURI).href);
  const remote = wrap(port);
  return () => remote.noop();
}

/** The port of a worker with this program, in a closed-off frame as plugins have it. */
function workerOfFrame(program: string): Promise<MessagePort> {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.srcdoc = `<script>
    onmessage = ({ data, ports }) => {
      new Worker(URL.createObjectURL(new Blob([data]))).postMessage(0, ports);
    };
  </script>`;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    frame.addEventListener("load", () => {
      frame.contentWindow?.postMessage(program, "*", [port2]);
      resolve(port1);
    });
    document.body.append(frame);
  });
}
