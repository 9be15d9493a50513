/** Runs Python plugins: the engine makes the environment and the process, calls then go to its worker. */
import { codedError, toFailure } from "../../plugins/failure";
import type { House, Instance, Launch, Runtime } from "./runtime";

interface Progress {
  step: string;
  message: string;
  done: number;
  total: number;
  unit: "bytes" | "packages" | "";
}

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
  pid: number;
  environment: { key: string; state: "reused" | "built"; seconds: number };
  /** It ran already, for another page or for none. */
  resumed?: boolean;
  log?: EngineLine[];
}

/** Milliseconds that a plugin has to stop after a cancelled call, then after a second interrupt. */
const PATIENCE = [1000, 2000] as const;
/** Milliseconds within which a worker that listens has answered. */
const PROMPT = 500;
const STEPS: Record<string, string> = {
  resolve: "Finding the packages",
  download: "Downloading packages",
  install: "Installing packages",
  start: "Starting Python",
  load: "Loading the plugin",
};

export const runOnEngine: Runtime = async (house, launch) => {
  const { source, id, signal } = launch;
  const { manifest, code, tag, scripts } = source;
  const ears = new Ears(launch);
  const plugin = { id, name: manifest.name, code, config: manifest, tag, scripts };
  const args = [plugin, ears.callbacks];
  const started = (await house.engine.call("engine.start", args, { signal })) as Started;
  launch.onAddress(started.peer);
  if (started.resumed) {
    ears.callbacks.on_log(started.log ?? []);
    launch.log("info", `It runs already, as process ${started.pid}; this page uses it too now.`);
  } else launch.log("info", environmentText(started));
  return makeInstance(house, launch, started, ears);
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
  return makeInstance(house, launch, started, ears);
}

/** What the engine tells of a plugin. */
class Ears {
  ended = false;

  constructor(private readonly launch: Launch) {}

  readonly callbacks = {
    on_progress: (progress: Progress) => showProgress(this.launch.job, progress),
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

function makeInstance(
  { peer, engine }: House,
  { id }: Launch,
  started: Started,
  ears: Ears,
): Instance {
  return {
    address: started.peer,
    methods: started.interface,
    resumed: started.resumed === true,
    values: {},
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
    stop: async (reason) => {
      ears.ended = true;
      await engine.call("engine.stop", [id], { timeout: 10_000 }).catch(() => undefined);
      peer.peerGone(started.peer, reason);
    },
  };
}

function showProgress(job: Launch["job"], { step, message, done, total, unit }: Progress): void {
  job.update({ step: message || (STEPS[step] ?? step), done, total, unit });
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
