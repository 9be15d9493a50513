/** Work that takes a while: shown with its step and progress, and can be cancelled. */
import { newId } from "@imjoy/rpc";
import { type Failure, type Job, Store } from "../model";

const KEPT = 50;
/** Steps of one job that are kept. */
const STEPS = 200;

/** The side of a job that does the work. */
export interface JobHandle {
  readonly id: string;
  /** Aborted when the user cancels. */
  readonly signal: AbortSignal;
  /** As when its plugin was stopped meanwhile. */
  readonly isEnded: boolean;
  update(change: Partial<Pick<Job, "step" | "done" | "total" | "unit" | "title" | "left">>): void;
  finish(state: "done" | "cancelled"): void;
  fail(failure: Failure): void;
}

export class Jobs {
  readonly store = new Store<Job[]>([]);

  start(plugin: string, title: string, step = ""): JobHandle {
    const abort = new AbortController();
    const id = newId();
    const job: Job = {
      id,
      plugin,
      title,
      state: "running",
      step,
      steps: step ? [{ time: Date.now(), text: step }] : [],
      done: 0,
      total: 0,
      unit: "",
      left: null,
      startedAt: Date.now(),
      endedAt: null,
      failure: null,
      cancel: () => abort.abort(),
    };
    this.store.update((jobs) => trim([...jobs, job]));
    const end = (change: Partial<Job>): void => this.change(id, (now) => ended(now, change));
    const isRunning = (): boolean =>
      this.store.get().some((now) => now.id === id && now.state === "running");
    return {
      id,
      signal: abort.signal,
      get isEnded() {
        return !isRunning();
      },
      update: (change) => this.change(id, (now) => noteStep({ ...now, ...change }, now.step)),
      finish: (state) => end({ state }),
      fail: (failure) => end({ state: "failed", failure }),
    };
  }

  /** Ends what a plugin is doing, which the user stops. */
  stop(plugin: string): void {
    this.store.update((jobs) =>
      jobs.map((job) => (job.plugin === plugin ? ended(job, { state: "cancelled" }) : job)),
    );
  }

  /** Takes what has ended off the list. */
  clear(): void {
    this.store.update((jobs) => jobs.filter(({ state }) => state === "running"));
  }

  private change(id: string, change: (job: Job) => Job): void {
    this.store.update((jobs) => jobs.map((job) => (job.id === id ? change(job) : job)));
  }
}

/** A job as it ended; what ended before stays as it is. */
function ended(job: Job, change: Partial<Job>): Job {
  return job.state === "running" ? { ...job, ...change, endedAt: Date.now() } : job;
}

/** Keeps what a job was doing, so that its way can be read after it ended. */
function noteStep(job: Job, before: string): Job {
  if (job.step === before || !job.step) return job;
  return { ...job, steps: [...job.steps, { time: Date.now(), text: job.step }].slice(-STEPS) };
}

function trim(jobs: Job[]): Job[] {
  if (jobs.length <= KEPT) return jobs;
  const ended = jobs.filter(({ state }) => state !== "running");
  const dropped = new Set(ended.slice(0, jobs.length - KEPT).map(({ id }) => id));
  return jobs.filter(({ id }) => !dropped.has(id));
}
