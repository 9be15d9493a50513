/** Plugins and calls in the real workbench, beside python-socketio without anything of ours. */
import { io } from "socket.io-client";
import { install, openWorkbench } from "./bench";
import caller from "./caller.imjoy.html?raw";
import carrier from "./carrier.imjoy.html?raw";
import echo from "./echo.imjoy.html?raw";
import keeper from "./keeper.imjoy.html?raw";
import { straight } from "./straight";
import { best, type Figures, median, timed } from "./times";

export async function python(query: URLSearchParams): Promise<Record<string, unknown>> {
  const found = await ours();
  const peer = await bare(`http://127.0.0.1:${query.get("peer")}`);
  return { ours: found, bare: { ...peer, straight: await straight() } };
}

async function ours(): Promise<Figures> {
  const workbench = await openWorkbench();
  const echoId = await install(workbench, echo, "echo");
  const callerId = await install(workbench, caller, "caller");
  await workbench.startPlugin(echoId); // makes the environment; not measured here
  const start = (id: string): Promise<number> =>
    best(5, async () => {
      await workbench.stopPlugin(id);
      return timed(() => workbench.startPlugin(id));
    });
  const pythonStart = await start(echoId);
  const pageStart = await start(callerId);
  const result = async (id: string): Promise<Figures> => {
    const before = new Set(workbench.windows.get().map((window) => window.id));
    await workbench.runPlugin(id);
    const shown = workbench.windows.get().find(({ id, content }) => !before.has(id) && content.kind === "value");
    if (shown?.content.kind !== "value") {
      throw new Error(JSON.stringify(workbench.notices.get().map(({ failure }) => failure)));
    }
    return shown.content.value as Figures;
  };
  const python = await result(callerId);
  await install(workbench, keeper, "keeper");
  const { noop, echo: between } = await result(await install(workbench, carrier, "carrier"));
  return { pythonStart, pageStart, ...python, noop, between } as Figures;
}

/** The same calls to a bare python-socketio server that echoes, from the page itself. */
async function bare(peer: string): Promise<Figures> {
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
