/** Keeps what has run, and what failed, over a reload: a bounded list for each page, taken over when the page has gone. */
import type { Failure, Job, LogLine, WorkspaceName } from "../model";
import { Autosave } from "./autosave";
import type { Jobs } from "./jobs";
import type { Notices } from "./notices";
import type { Settings } from "./settings";

/** What is kept of a job; it cannot be cancelled any more. */
export type KeptJob = Omit<Job, "cancel">;

interface Kept {
  jobs: KeptJob[];
  problems: (Failure & { workspace?: WorkspaceName | null })[];
}

export interface HistoryParts {
  jobs: Jobs;
  notices: Notices;
  settings: Settings;
  /** The address of this page. */
  page: string;
  /** What a plugin said in that time. */
  said(plugin: string, from: number, to: number): LogLine[];
  /** Whether the page with that address has gone; false as long as it cannot be told. */
  hasGone(page: string): Promise<boolean>;
  now?: () => number;
}

/** Where it is among the settings: not of a plugin. */
const OWNER = "";
const [STEPS, LINES, CHARACTERS, PROBLEMS] = [30, 60, 4000, 20];

export class WorkHistory {
  private readonly autosave: Autosave;

  constructor(private readonly parts: HistoryParts) {
    this.autosave = new Autosave(() => this.save(), parts.now ?? Date.now);
  }

  /** Brings back what was there before, then keeps what comes. */
  async load(): Promise<void> {
    const { jobs, notices, settings, page } = this.parts;
    const all = (await settings.all(OWNER, "work")) as Record<string, Kept>;
    const own = all[page];
    if (own) this.bringBack(own, true);
    jobs.store.subscribe(() => this.autosave.changed());
    notices.store.subscribe(() => this.autosave.changed());
    for (const other of Object.keys(all)) {
      if (other !== page) void this.takeOver(other, all[other] as Kept);
    }
  }

  /** Keeps what there is, now. */
  flush(): Promise<void> {
    return this.autosave.isDue ? this.autosave.flush() : Promise.resolve();
  }

  private async takeOver(page: string, kept: Kept): Promise<void> {
    if (!(await this.parts.hasGone(page))) return;
    this.bringBack(kept, false);
    await this.flush();
    await this.parts.settings.set(OWNER, "work", page, null);
  }

  private bringBack({ jobs, problems }: Kept, goesOn: boolean): void {
    this.parts.jobs.bringBack(jobs, goesOn);
    for (const { workspace, ...failure } of problems) this.parts.notices.list(failure, workspace);
  }

  private async save(): Promise<void> {
    const { jobs, notices, settings, page } = this.parts;
    const now = jobs.store.get();
    const shown = new Set(now.map(({ failure }) => failure));
    const problems = notices.store
      .get()
      .flatMap(({ failure, workspace = null }) =>
        failure && !shown.has(failure) ? [{ ...shortened(failure), workspace }] : [],
      );
    const kept: Kept = {
      jobs: [...jobs.waiting, ...now].map((job) => this.keptOf(job)),
      problems: problems.slice(-PROBLEMS),
    };
    // Without a database there is nothing to keep it in, which the page has said already.
    await settings.set(OWNER, "work", page, kept).catch(() => undefined);
  }

  private keptOf({ cancel: _, ...job }: KeptJob & Partial<Job>): KeptJob {
    const { plugin, startedAt, endedAt, failure } = job;
    const until = endedAt ?? Number.POSITIVE_INFINITY;
    const log = job.log ?? (plugin ? this.parts.said(plugin, startedAt, until) : []);
    return {
      ...job,
      steps: job.steps.slice(-STEPS),
      failure: failure && shortened(failure),
      log: log.slice(-LINES).map((line) => ({ ...line, text: cut(line.text) })),
    };
  }
}

function shortened(failure: Failure): Failure {
  return failure.detail ? { ...failure, detail: cut(failure.detail) } : failure;
}

function cut(text: string): string {
  return text.length > CHARACTERS ? `… ${text.slice(-CHARACTERS)}` : text;
}
