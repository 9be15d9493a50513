/** Runs Python plugins: the engine makes the environment and the process, calls then go to its worker. */
import { RpcError } from "@imjoy/rpc";
import { type EngineProgress, showProgress } from "../../engines/progress";
import { codedError, toFailure } from "../../plugins/failure";
import { scriptFileName } from "../../plugins/file-name";
import type { House, Instance, Launch, Runtime } from "./runtime";

interface EngineLine {
  time: number;
  stream: "stdout" | "stderr" | "engine";
  level: string;
  text: string;
}

interface Exit {
  reason: string;
  code: number | null;
  signal: string | null;
  tail: string[];
}

interface Started {
  peer: string;
  interface: string[];
  values?: Record<string, unknown>;
  pid: number;
  environment: { key: string; state: "reused" | "built"; seconds: number };
  workspace?: string;
  /** It ran already, for another page or for none. */
  resumed?: boolean;
  log?: EngineLine[];
}

/** Milliseconds that a plugin has to stop after a cancelled call, then after a second interrupt. */
const PATIENCE = [1000, 2000] as const;
/** Milliseconds within which a worker that listens has answered. */
const PROMPT = 500;

export const runOnEngine: Runtime = async (house, launch) => {
  const { source, id, signal } = launch;
  const { manifest, code, tag, scripts } = source;
  const ears = new Ears(launch);
  const [workspace, engine_url] = [house.workspace(), house.base.origin];
  const file = scriptFileName(source);
  const about = { id, name: manifest.name, file, code, config: manifest, tag, scripts };
  const plugin = { ...about, workspace, engine_url };
  const start = async (): Promise<Started> => {
    const args = [{ ...plugin, agreed: await house.agreements.get(id) }, ears.callbacks];
    return (await house.engine.call("engine.start", args, { signal })) as Started;
  };
  const started = await start().catch(async (error: unknown) => {
    if (!(await agreedTo(error, house, launch))) throw error;
    return start();
  });
  launch.onAddress(started.peer);
  if (started.resumed) {
    ears.callbacks.on_log(started.log ?? []);
    launch.log("info", `It runs already, as process ${started.pid}; this page uses it too now.`);
  } else launch.log("info", environmentText(started));
  return makeInstance(house, launch, started, ears, workspace);
};

/** Takes over a plugin that the engine kept while the page was loaded again; null: it has none. */
export async function attachToEngine(house: House, launch: Launch): Promise<Instance | null> {
  const { id, signal } = launch;
  const ears = new Ears(launch);
  const answer = await house.engine.call("engine.attach", [id, ears.callbacks], { signal });
  if (answer === null) return null;
  const started = answer as Started & { log: EngineLine[] };
  launch.onAddress(started.peer);
  ears.callbacks.on_log(started.log);
  launch.log("info", "The page was loaded again; the plugin has been running all the time.");
  return makeInstance(house, launch, started, ears, started.workspace ?? house.workspace());
}

/** What the engine tells of a plugin. */
class Ears {
  ended = false;

  constructor(private readonly launch: Launch) {}

  readonly callbacks = {
    on_progress: (progress: EngineProgress) => showProgress(this.launch.job, progress),
    on_log: (lines: EngineLine[]) => {
      for (const line of lines) this.launch.log(levelOf(line), line.text, line.time * 1000);
    },
    on_restart: ({ pid }: Started) => {
      this.launch.log("info", `Its process was started again, as process ${pid}.`);
    },
    on_exit: (exit: Exit) => {
      if (this.ended) return;
      this.ended = true;
      this.launch.onExit(exitFailure(this.launch.source.manifest.name, exit));
    },
  };
}

/** Asks about the commands that a failed start named; true when the user agrees to run them. */
async function agreedTo(error: unknown, house: House, launch: Launch): Promise<boolean> {
  if (!(error instanceof RpcError) || error.code !== "env.consent") return false;
  const { commands } = (error.data ?? {}) as { commands?: unknown };
  if (!Array.isArray(commands)) return false;
  const agreed = await house.confirm({
    title: `Let ${launch.source.manifest.name} run commands?`,
    text: `To make its environment, it runs on the computer of the engine, with all your rights:\n\n${commands.join("\n")}\n\nAgree only if you trust where the plugin comes from.`,
    confirm: "Run them",
  });
  if (agreed) await house.agreements.add(launch.id, commands);
  return agreed;
}

function makeInstance(
  { peer, engine }: House,
  { id }: Launch,
  started: Started,
  ears: Ears,
  workspace: string,
): Instance {
  const end = async (reason: string, leave: boolean): Promise<void> => {
    ears.ended = true;
    await engine.call("engine.stop", [id, leave], { timeout: 10_000 }).catch(() => undefined);
    peer.peerGone(started.peer, reason);
  };
  return {
    workspace,
    address: started.peer,
    methods: started.interface,
    resumed: started.resumed === true,
    values: started.values ?? {},
    // The worker has interrupted the call already; what still runs after a while is asked again.
    settle: async () => {
      for (const milliseconds of PATIENCE) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        const asked = performance.now();
        const running = await engine
          .call("engine.interrupt", [id], { timeout: PATIENCE[1] })
          .catch(() => true);
        // A worker that hangs is no answer either: the engine then says false, but late.
        if (!running && performance.now() - asked < PROMPT) return true;
      }
      return false;
    },
    emit: (event, value) => {
      peer.call(started.peer, "sdk.emit", [event, value]).catch(() => undefined);
    },
    stop: (reason) => end(reason, false),
    leave: (reason) => end(reason, true),
  };
}

function levelOf({ stream, level }: EngineLine): "info" | "error" | "debug" {
  if (level === "error" || level === "critical") return "error";
  if (level === "debug" || stream === "engine") return level === "debug" ? "debug" : "info";
  return "info";
}

function environmentText({ environment, pid }: Started): string {
  const { state, seconds } = environment;
  const how = state === "reused" ? "Its environment was there already" : "Its environment was made";
  return `${how} (${seconds.toFixed(1)} s). It runs as process ${pid}.`;
}

function exitFailure(name: string, { reason, tail }: Exit): ReturnType<typeof toFailure> {
  const cause = reason || "Its process ended.";
  const remedy = "Start it again; the last lines of its log may tell why.";
  const detail = tail.join("\n");
  const error = codedError("plugin.crashed", cause, { cause, remedy, detail });
  return toFailure(error, `Running ${name}`);
}
