/** The engine's machine and the processes of Python plugins on it, as the page shows them. */

export interface WorkerCall {
  name: string;
  seconds: number;
  state: "running" | "waiting" | "cancelling";
}

/** One process of a Python plugin; memory in bytes, `cpu` in percent of one processor. */
export interface WorkerFacts {
  worker: string;
  /** Id of the plugin in the page that started it. */
  id: string;
  name: string;
  tag: string | null;
  workspace: string;
  state: "preparing" | "loading" | "running" | "restarting" | "stopping";
  pid: number | null;
  /** Seconds since 1970. */
  started: number;
  /** Whether this page uses it. */
  mine: boolean;
  pages: number;
  flags: string[];
  memory: number;
  peak: number;
  cpu: number;
  cpu_seconds: number;
  processes: number;
  threads: number;
  gpus: number[];
  gpu_memory: number;
  restarts: number;
  limits: Record<string, number>;
  /** Null when it does not answer. */
  calls: WorkerCall[] | null;
}

export interface Gpu {
  number: number;
  name: string;
  memory: number;
  memory_used: number;
  load: number;
}

/** What the engine's machine has left. */
export interface MachineStatus {
  memory_available: number;
  memory_total: number;
  disk_free: number;
  cpu: number;
  load: number[];
  uptime: number;
  engine_memory: number;
  gpus: Gpu[];
}

export interface WorkerLine {
  time: number;
  stream: string;
  level: string;
  text: string;
}

/** A look at the engine; `roundTrip` in milliseconds. */
export interface EngineSight {
  roundTrip: number;
  machine: MachineStatus;
  workers: WorkerFacts[];
}

/** The processes of the engine; each function rejects when there is no engine. */
export interface Workers {
  look(): Promise<EngineSight>;
  /** Ends it, for all pages. */
  stop(worker: string): Promise<void>;
  /** Cancels what it does. @returns whether there was something, and it listened */
  interrupt(worker: string): Promise<boolean>;
  restart(worker: string): Promise<boolean>;
  log(worker: string): Promise<WorkerLine[]>;
}
