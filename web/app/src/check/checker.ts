/** Runs plugin files as a person would, without one, and says what became of each. */
import type { Failure, Job, PluginEntry, Workbench } from "../model";
import { toFailure } from "../plugins/failure";
import { parsePlugin } from "../plugins/parser";
import { answerDialogs } from "./answers";
import { placeWindows } from "./places";
import { IMAGE_NAME, imageFor, sampleFor } from "./samples";

export interface PluginFile {
  file: string;
  text: string;
}

export type RunState =
  | "finished"
  /** It was still at work, as a plugin is that waits for a click in its window. */
  | "going on"
  | "failed"
  /** There is no `run`, or it is not meant to be run. */
  | "none"
  | "not reached";

export interface Verdict {
  file: string;
  name: string;
  type: string;
  parsed: boolean;
  loaded: boolean;
  run: RunState;
  /** Titles of the windows that it opened. */
  windows: string[];
  /** Plugins that were run before it, because it works on what they give. */
  after: string[];
  /** What it asked the person. */
  asked: string[];
  /** Failures in the order in which they were shown, and errors that its code did not catch. */
  failures: Failure[];
  errors: string[];
  seconds: number;
}

export interface CheckOptions {
  /** Seconds in which nothing of the start moves, as its environment is made; and seconds for the run. */
  startSeconds: number;
  runSeconds: number;
  /** Plugins to run first, one after the other, when it fails without data; one list for each way. */
  givers?: readonly PluginFile[][];
}

export class Checker {
  private asked: string[] = [];

  constructor(private readonly workbench: Workbench) {
    answerDialogs(workbench, (what) => this.asked.push(what));
    placeWindows(workbench);
  }

  /** Installs a plugin and those that it depends on, runs it once, and takes all away again. */
  async check(
    plugin: PluginFile,
    others: readonly PluginFile[],
    options: CheckOptions,
  ): Promise<Verdict> {
    const began = performance.now();
    const verdict: Verdict = {
      file: plugin.file,
      name: plugin.file,
      type: "",
      parsed: false,
      loaded: false,
      run: "not reached",
      windows: [],
      after: [],
      asked: [],
      failures: [],
      errors: [],
      seconds: 0,
    };
    this.asked = verdict.asked;
    try {
      const text = await pluginText(plugin);
      const { manifest } = parsePlugin(text, { origin: plugin.file });
      Object.assign(verdict, { name: manifest.name, type: manifest.type, parsed: true });
      await this.runOnce(plugin, others, options, verdict);
    } catch (error) {
      verdict.failures.push(toFailure(error, `Reading ${plugin.file}`));
    } finally {
      await this.clear();
    }
    verdict.seconds = Math.round(performance.now() - began) / 1000;
    return verdict;
  }

  /** Milliseconds from the press on Run to the end of an empty `run`, each time from a stopped plugin. */
  async time(plugin: PluginFile, times: number): Promise<number[]> {
    const { workbench } = this;
    const id = await workbench.installFromFile(asFile(plugin));
    if (id === null) throw new Error("It was not installed.");
    await workbench.runPlugin(id); // its environment is made, which is not measured
    const all: number[] = [];
    for (let i = 0; i < times; i += 1) {
      await workbench.stopPlugin(id);
      await new Promise((resolve) => setTimeout(resolve, MOMENT));
      const began = performance.now();
      await workbench.runPlugin(id);
      all.push(performance.now() - began);
    }
    const [failure] = this.shownFailures();
    await this.clear();
    if (failure) throw new Error(failure.cause);
    return all;
  }

  private async runOnce(
    plugin: PluginFile,
    others: readonly PluginFile[],
    options: CheckOptions,
    verdict: Verdict,
  ): Promise<void> {
    const { workbench } = this;
    for (const other of others) await workbench.installFromFile(asFile(other));
    const id = await workbench.installFromFile(asFile(plugin));
    if (id === null) {
      verdict.failures.push(...this.shownFailures());
      return;
    }
    await this.attempt(id, options, verdict);
    for (const givers of options.givers ?? []) {
      if (verdict.run !== "failed") return;
      const after = await this.give(givers, options);
      if (after === null) continue;
      verdict.after = after;
      verdict.run = "not reached";
      verdict.failures = [];
      await this.attempt(id, options, verdict);
    }
    if (verdict.run === "failed") await this.attemptOnImage(id, options, verdict);
  }

  /** Many plugins work on the image that is open; what was seen without one counts when that fails too. */
  private async attemptOnImage(id: string, options: CheckOptions, verdict: Verdict): Promise<void> {
    const image = imageFor(this.entry(id)?.source.manifest.inputs);
    if (image === undefined) return;
    const without = { ...verdict };
    this.clearPage();
    this.workbench.openImage(IMAGE_NAME, image, "made for the check");
    Object.assign(verdict, { after: [IMAGE_NAME], run: "not reached", failures: [] });
    await this.attempt(id, options, verdict);
    if (verdict.run === "failed") Object.assign(verdict, without);
  }

  private async attempt(id: string, options: CheckOptions, verdict: Verdict): Promise<void> {
    const windows = new Set<string>();
    const stopWatching = this.watchWindows(windows);
    const said = this.entry(id)?.log.length ?? 0;
    const end = await this.within(this.run(id, verdict), id, options);
    stopWatching();
    verdict.windows = [...windows];
    const entry = this.entry(id);
    verdict.failures.push(...this.shownFailures());
    if (entry?.failure && verdict.failures.length === 0) verdict.failures.push(entry.failure);
    verdict.errors = (entry?.log ?? [])
      .slice(said)
      .filter(({ level }) => level === "error")
      .map(({ text }) => text.slice(0, 600));
    const started = this.jobs(id).find((job) => /^(?:Start|Open)ing /.test(job.title));
    // A window that is set up is seen, and may wait for what a person does in it.
    const shown = windows.size > 0 && started?.state === "running" && started.step === "Setting up";
    // A window that is closed because its run failed is stopping last.
    const ran = started?.steps.some(({ text }) => text === "Running");
    verdict.loaded = started?.state === "done" || ran === true || shown;
    if (entry?.source.manifest.type === "collection") verdict.loaded = true;
    if (verdict.run === "not reached") verdict.run = runState(verdict, end);
  }

  /**
   * Runs plugins so that the window in front shows what the last of them gave.
   * @returns their names, null when one of them fails
   */
  private async give(
    givers: readonly PluginFile[],
    options: CheckOptions,
  ): Promise<string[] | null> {
    const { workbench } = this;
    this.clearPage();
    const names: string[] = [];
    for (const giver of givers) {
      const id = await workbench.installFromFile(asFile(giver));
      const manifest = id === null ? undefined : this.entry(id)?.source.manifest;
      if (id === null || !manifest) return null;
      const data = sampleFor(manifest.inputs);
      await this.within(workbench.runPlugin(id, data && { data, config: {} }), id, options);
      if (this.shownFailures().length > 0) return null;
      names.push(manifest.name);
    }
    return names;
  }

  /** Runs it as its button does; a plugin that is not meant to be run is only started. */
  private async run(id: string, verdict: Verdict): Promise<void> {
    const { manifest } = this.entry(id)?.source ?? {};
    if (manifest?.type === "collection") verdict.run = "none";
    else if (manifest?.runnable === false && manifest.type !== "window") {
      verdict.run = "none";
      await this.workbench.startPlugin(id);
    } else if (sampleFor(manifest?.inputs)) {
      await this.workbench.openFiles([sampleFor(manifest?.inputs) as File]);
    } else await this.workbench.runPlugin(id);
    // Errors of what the plugin does by itself after its run come a little later.
    await new Promise((resolve) => setTimeout(resolve, SETTLE));
    await this.quiet(id);
  }

  /** Waits while its log grows, as a traceback comes line by line. */
  private async quiet(id: string): Promise<void> {
    for (let i = 0; i < 10; i += 1) {
      const lines = this.entry(id)?.log.length ?? 0;
      await new Promise((resolve) => setTimeout(resolve, SETTLE / 4));
      if ((this.entry(id)?.log.length ?? 0) === lines) return;
    }
  }

  /**
   * False when the time was over first. The clock of the run begins when the start has ended, that of the start
   * anew with each of its steps.
   */
  private async within(run: Promise<void>, id: string, options: CheckOptions): Promise<boolean> {
    let left = options.startSeconds;
    let ended = false;
    void run.finally(() => {
      ended = true;
    });
    let running = false;
    let progress = "";
    const latest = Date.now() + LONGEST;
    while (!ended && left > 0 && Date.now() < latest) {
      await new Promise((resolve) => setTimeout(resolve, TICK));
      left -= TICK / 1000;
      const now = this.progressOf(id);
      if (!running && now !== progress) left = options.startSeconds;
      progress = now;
      if (!running && this.isRunning(id)) {
        running = true;
        left = options.runSeconds;
      }
    }
    return ended;
  }

  private isRunning(id: string): boolean {
    return this.jobs(id).some(
      ({ state, step }) => state === "running" && (step === "Running" || step === "Setting up"),
    );
  }

  private progressOf(id: string): string {
    const running = this.jobs(id).filter(({ state }) => state === "running");
    return running.map(({ step, done }) => `${step} ${done}`).join();
  }

  private jobs(id: string): Job[] {
    return this.workbench.jobs.get().filter(({ plugin }) => plugin === id);
  }

  private entry(id: string): PluginEntry | undefined {
    return this.workbench.plugins.get().find((entry) => entry.id === id);
  }

  private shownFailures(): Failure[] {
    return this.workbench.notices.get().flatMap(({ failure }) => (failure ? [failure] : []));
  }

  private watchWindows(seen: Set<string>): () => void {
    const before = new Set(this.workbench.windows.get().map(({ id }) => id));
    const note = (): void => {
      for (const { id, title } of this.workbench.windows.get())
        if (!before.has(id)) seen.add(title);
      for (const dialog of this.workbench.dialogs.get()) {
        if (dialog.kind === "frame") seen.add(dialog.title);
      }
    };
    const stops = [this.workbench.windows.subscribe(note), this.workbench.dialogs.subscribe(note)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  private async clear(): Promise<void> {
    const { workbench } = this;
    for (const { id } of workbench.plugins.get()) await workbench.removePlugin(id);
    this.clearPage();
  }

  private clearPage(): void {
    const { workbench } = this;
    for (const { id } of [...workbench.windows.get()]) workbench.closeWindow(id);
    for (const { id } of [...workbench.notices.get()]) workbench.dismissNotice(id);
    for (const dialog of [...workbench.dialogs.get()]) {
      if (dialog.kind === "frame" || dialog.kind === "alert") dialog.done();
    }
  }
}

const TICK = 50;
/** Milliseconds for one run of a plugin with all that is made for it. */
const LONGEST = 1_800_000;
/** Milliseconds between two runs that are timed, as nobody clicks at once. */
const MOMENT = 300;
/** Milliseconds after the run in which late errors are still noted. */
const SETTLE = 400;

function runState(verdict: Verdict, ended: boolean): RunState {
  if (!verdict.loaded) return "not reached";
  if (verdict.failures.some(({ code }) => code === "rpc.method_not_found")) return "none";
  if (verdict.failures.length > 0) return "failed";
  return ended ? "finished" : "going on";
}

/** The text of the plugin file that a file is, or becomes when it is a module. */
async function pluginText({ file, text }: PluginFile): Promise<string> {
  if (!/\.m?js$/i.test(file)) return text;
  const { pluginFromJsModule } = await import("../plugins/js-module");
  return pluginFromJsModule(text, file.split("/").at(-1) ?? file);
}

function asFile({ file, text }: PluginFile): File {
  return new File([text], file, { type: "text/html" });
}
