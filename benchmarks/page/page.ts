/** Measures plugins and calls in the real workbench, in a browser that nobody watches. */
import { io } from "socket.io-client";
import { createWorkbench } from "../../web/app/src/workbench";
import caller from "./caller.imjoy.html?raw";
import carrier from "./carrier.imjoy.html?raw";
import echo from "./echo.imjoy.html?raw";
import keeper from "./keeper.imjoy.html?raw";
import { straight } from "./straight";

const query = new URLSearchParams(location.search);
const collector = `http://127.0.0.1:${query.get("collector")}/`;
const peer = `http://127.0.0.1:${query.get("peer")}`;

async function report(value: unknown): Promise<void> {
  await fetch(collector, { method: "POST", mode: "no-cors", body: JSON.stringify(value) });
}

async function ours(): Promise<Record<string, number>> {
  const workbench = createWorkbench();
  workbench.dialogs.subscribe((open) => {
    for (const dialog of open) if (dialog.kind === "install") dialog.done(dialog.card.source.tag);
  });
  await workbench.start();
  await until(() => workbench.engine.get().state === "connected");
  const install = async (text: string, name: string): Promise<string> => {
    const id = await workbench.installFromFile(new File([text], `${name}.imjoy.html`));
    if (!id) throw new Error(`${name} was not installed`);
    return id;
  };
  const echoId = await install(echo, "echo");
  const callerId = await install(caller, "caller");
  await workbench.startPlugin(echoId); // makes the environment; not measured here
  const pythonStart = await best(5, async () => {
    await workbench.stopPlugin(echoId);
    const began = performance.now();
    await workbench.startPlugin(echoId);
    return performance.now() - began;
  });
  const pageStart = await best(5, async () => {
    await workbench.stopPlugin(callerId);
    const began = performance.now();
    await workbench.startPlugin(callerId);
    return performance.now() - began;
  });
  const result = async (id: string): Promise<Record<string, number>> => {
    const before = new Set(workbench.windows.get().map((window) => window.id));
    await workbench.runPlugin(id);
    const shown = workbench.windows.get().find(({ id, content }) => !before.has(id) && content.kind === "value");
    if (shown?.content.kind !== "value") {
      throw new Error(JSON.stringify(workbench.notices.get().map(({ failure }) => failure)));
    }
    return shown.content.value as Record<string, number>;
  };
  const python = await result(callerId);
  await install(keeper, "keeper");
  const { noop, echo: between } = await result(await install(carrier, "carrier"));
  return { pythonStart, pageStart, ...python, noop, between };
}

/** The same calls to a bare python-socketio server that echoes, from the page itself. */
async function bare(): Promise<Record<string, number>> {
  const socket = io(peer, { transports: ["websocket"] });
  await new Promise<void>((resolve) => socket.on("connect", () => resolve()));
  const call = (event: string, value: unknown): Promise<unknown> => socket.emitWithAck(event, value);
  const bytes = new Uint8Array(16_000_000);
  for (let i = 0; i < 20; i += 1) await call("echo", 1);
  const result = {
    call: await median(200, () => call("echo", 1)),
    up: await best(5, () => timed(() => call("take", bytes))),
    down: await best(5, () => timed(() => call("give", 0))),
    both: await best(5, () => timed(() => call("echo", bytes))),
  };
  socket.disconnect();
  return result;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

async function best(times: number, run: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i += 1) all.push(await run());
  return Math.min(...all);
}

async function median(times: number, run: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i += 1) all.push(await timed(run));
  return all.sort((a, b) => a - b)[Math.floor(times / 2)] as number;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("The page did not get ready.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

try {
  const first = await ours();
  await report({ ours: first, bare: { ...(await bare()), straight: await straight() } });
} catch (error) {
  await report({ error: String(error instanceof Error ? (error.stack ?? error) : error) });
}
