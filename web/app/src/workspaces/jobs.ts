/** Work that takes a while: shown with its step and progress, and can be cancelled. */
import { newId } from "@imjoy/rpc";
import { type Failure, isElsewhere, type Job, Store, type WorkspaceName } from "../model";

const KEPT = 50;
/** Steps of one job that are kept. */
const STEPS = 200;

type Told = "step" | "done" | "total" | "unit" | "title" | "left" | "cancel" | "workspace";

/** The side of a job that does the work. */
export interface JobHandle {
  readonly id: string;
  readonly workspace: WorkspaceName | null;
  /** Aborted when the user cancels. */
  readonly signal: AbortSignal;
  /** It has ended, or is about to because its plugin is being stopped. */
  readonly isEnded: boolean;
  update(change: Partial<Pick<Job, Told>>): void;
  finish(state: "done" | "cancelled"): void;
  fail(failure: Failure): void;
}

export class Jobs {
  readonly store = new Store<Job[]>([]);
  /** The workspace that is open. */
  where: () => WorkspaceName | null = () => null;
  /** Of the load before: what was under way then, until it is known whether it goes on. */
  waiting: Omit<Job, "cancel">[] = [];
  /** What ends because its plugin is being stopped. */
  private readonly stopping = new Set<string>();

  start(plugin: string, title: string, step = "", before?: Omit<Job, "cancel">): JobHandle {
    const abort = new AbortController();
    const id = newId();
    const steps = [...(before?.steps ?? []), ...(step ? [{ time: Date.now(), text: step }] : [])];
    const workspace = before ? (before.workspace ?? null) : this.where();
    const job: Job = {
      id,
      workspace,
      plugin,
      title,
      state: "running",
      step,
      steps,
      done: 0,
      total: 0,
      unit: "",
      left: null,
      startedAt: before?.startedAt ?? Date.now(),
      endedAt: null,
      failure: null,
      cancel: () => {
        this.change(id, stoppingNow);
        abort.abort();
      },
    };
    this.store.update((jobs) => trim([...jobs, job]));
    const end = (change: Partial<Job>): void => this.change(id, (now) => ended(now, change));
    const { stopping } = this;
    const isRunning = (): boolean =>
      this.store.get().some((now) => now.id === id && now.state === "running");
    return {
      id,
      workspace,
      signal: abort.signal,
      get isEnded() {
        return stopping.has(id) || !isRunning();
      },
      update: (change) =>
        this.change(id, (now) => (now.stopping ? now : noteStep({ ...now, ...change }, now.step))),
      finish: (state) => end({ state }),
      fail: (failure) =>
        end(stopping.has(id) ? { state: "cancelled" } : { state: "failed", failure }),
    };
  }

  /** Whether that is another workspace than the one that is open. */
  isElsewhere(workspace: WorkspaceName | null): workspace is WorkspaceName {
    return isElsewhere(workspace, this.where());
  }

  /** Goes on with a job that was under way before the page was loaded again. */
  resume(plugin: string, title: string, step: string): JobHandle {
    const before = this.waiting.find((job) => job.plugin === plugin && job.title === title);
    this.waiting = this.waiting.filter((job) => job !== before);
    return this.start(plugin, title, step, before);
  }

  /**
   * What was there before the page was loaded again: older than all that there is now.
   * `goesOn`: what was under way may be taken up.
   */
  bringBack(jobs: readonly Omit<Job, "cancel">[], goesOn: boolean): void {
    const under = jobs.filter(({ state }) => goesOn && state === "running");
    this.waiting = [...this.waiting, ...under];
    this.addPast(jobs.filter((job) => !under.includes(job)));
  }

  /** Whatever has not been taken up by now will not be. @returns how each of that failed */
  loseWaiting(): Failure[] {
    const now = Date.now();
    const lost = this.waiting.map((job) => ofBefore({ ...job, endedAt: now }));
    this.waiting = [];
    this.addPast(lost);
    return lost.flatMap(({ failure }) => failure ?? []);
  }

  private addPast(jobs: readonly Omit<Job, "cancel">[]): void {
    if (jobs.length > 0) this.store.update((now) => trim([...jobs.map(ofBefore), ...now]));
  }

  /** The user stops a plugin: says so of what it is doing. What is called then ends it. */
  stop(plugin: string): () => void {
    const own = this.store.get().filter((job) => job.plugin === plugin && job.state === "running");
    for (const { id } of own) {
      this.stopping.add(id);
      this.change(id, stoppingNow);
    }
    return () => {
      for (const { id } of own) {
        this.change(id, (now) => ended(now, { state: "cancelled" }));
        this.stopping.delete(id);
      }
    };
  }

  /** Takes what has ended in the open workspace off the list. */
  clear(): void {
    const stays = ({ state, workspace }: Job) => state === "running" || this.isElsewhere(workspace);
    this.store.update((jobs) => jobs.filter(stays));
  }

  private change(id: string, change: (job: Job) => Job): void {
    this.store.update((jobs) => jobs.map((job) => (job.id === id ? change(job) : job)));
  }
}

const LOST = {
  cause: "The page was loaded again while it ran, and it could not be taken up again.",
  remedy: "Run it again.",
};

function ofBefore(job: Omit<Job, "cancel">): Job {
  // When a page has gone is not known, but what it did last.
  const endedAt = job.endedAt ?? job.steps.at(-1)?.time ?? job.startedAt;
  const past = { ...job, endedAt, before: true, cancel: null };
  if (job.state !== "running") return past;
  const failure = { step: job.title, code: "app.reloaded", ...LOST };
  return { ...past, state: "failed", stopping: false, failure };
}

/** A job that is on its way to its end, and says so. */
function stoppingNow(job: Job): Job {
  if (job.state !== "running") return job;
  const calm = { done: 0, total: 0, unit: "", left: null } as const;
  return noteStep({ ...job, ...calm, step: "Stopping", stopping: true }, job.step);
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
