/** Runs a plugin for the user: on the open image, as a job that can be cancelled, with its result shown. */
import type { Entries } from "../host/entries";
import type { RunOptions } from "../host/host";
import type { Failure, OpEntry } from "../model";
import type { Installed } from "../plugins/catalog";
import { isCancelled } from "../plugins/failure";
import { hasWindow } from "../plugins/manifest";
import { pluginFailure, startFailure } from "../plugins/plugin-failure";
import type { JobHandle } from "../workspaces/jobs";
import { type ActiveData, activeData } from "./active-data";
import { runContext } from "./context";
import type { Desk } from "./desk";
import { dataAnswers } from "./forms";
import { runOperator } from "./operators";
import type { Offered } from "./registry";
import { showResult } from "./results";

export class PluginRunner {
  constructor(
    private readonly desk: Desk,
    private readonly entries: Entries,
  ) {}

  /** Starts a plugin; one with a window is opened. */
  async start(plugin: Installed): Promise<void> {
    const { source } = plugin;
    if (hasWindow(source.manifest)) return this.open(plugin);
    await this.desk.host
      .start(plugin.id)
      .catch((error: unknown) => this.report(error, startFailure(error, source)));
  }

  /** Runs a plugin on the image that was active last; failures are shown, never thrown. */
  async run(plugin: Installed): Promise<void> {
    if (hasWindow(plugin.source.manifest)) return this.open(plugin);
    // Fixed now: while the plugin starts, the user may go on to another window.
    const { data, window } = this.inputOf(plugin);
    await this.runWith(plugin, data, window);
  }

  /** What a run of a plugin, or of its operation, would work on now. */
  inputOf(plugin: Installed, op?: OpEntry): ActiveData {
    const { fields, config } = op ?? this.entries.get(plugin.id) ?? { fields: [], config: {} };
    const inputs = op ? op.inputs : plugin.source.manifest.inputs;
    const again = this.desk.runInputs.again(plugin.id, op?.name);
    return activeData(this.desk, inputs, dataAnswers(fields, config), again);
  }

  /** Runs an operation that a plugin registered, on what is active; the plugin is started first. */
  async runOperator(plugin: Installed, op: OpEntry, given: unknown = null): Promise<void> {
    const { desk, entries } = this;
    const { id, source } = plugin;
    const active = this.inputOf(plugin, op);
    const data = given ?? active.data;
    const context = runContext(op.name, desk.forms.answers(id, op.name), { data });
    context._op = `${source.manifest.name}/${op.name}`;
    entries.changeOp(id, op.name, { running: true, failure: null });
    try {
      const offer = await this.findOperator(plugin, op.name);
      if (!offer) return;
      const job = desk.jobs.start(id, `Running ${op.name}`, "Running");
      const run = () => runOperator(desk, offer, context, watched(job));
      await this.finish(plugin, job, active.window, run, op.name);
    } finally {
      entries.changeOp(id, op.name, { running: false });
    }
  }

  /** An operation is there as soon as its plugin has been set up, or never. */
  private async findOperator(plugin: Installed, op: string): Promise<Offered | undefined> {
    const { desk } = this;
    const { id } = plugin;
    const { manifest } = plugin.source;
    const known = desk.registry.operator(id, op);
    if (known) return known;
    const step = `Running ${op}`;
    try {
      if (hasWindow(manifest)) await desk.pluginWindows.open(plugin, {}, null);
      else await desk.host.start(id);
    } catch (error) {
      this.report(error, startFailure(error, plugin.source));
      return undefined;
    }
    const offer = desk.registry.operator(id, op);
    if (offer) return offer;
    const cause = `${manifest.name} does not offer ${op} any more.`;
    desk.fail({ step, cause, remedy: "Choose another operation of it.", code: "plugin.error" });
    await desk.operators.forget(id, op);
    return undefined;
  }

  /** Runs a plugin on a value, such as a file that the user opened with it. */
  async runWith(
    plugin: Installed,
    data: unknown,
    image?: string,
    config?: Record<string, unknown>,
  ): Promise<void> {
    const { id, source } = plugin;
    if (hasWindow(source.manifest)) return this.open(plugin, data, config);
    try {
      await this.desk.host.start(id);
    } catch (error) {
      this.report(error, startFailure(error, source));
      return;
    }
    await this.runStarted(plugin, { data, config }, image);
  }

  private async runStarted(
    plugin: Installed,
    given: { data: unknown; config: Record<string, unknown> | undefined },
    image: string | undefined,
  ): Promise<void> {
    const { desk, entries } = this;
    const { id, source } = plugin;
    const { name } = source.manifest;
    const job = desk.jobs.start(id, `Running ${name}`, "Running");
    const context = runContext(name, desk.forms.answers(id), given);
    entries.change(id, { failure: null });
    await this.finish(plugin, job, image, () => desk.host.run(id, context, watched(job)));
  }

  private async finish(
    plugin: Installed,
    job: JobHandle,
    beside: string | undefined,
    run: () => Promise<unknown>,
    op?: string,
  ): Promise<void> {
    const { desk, entries } = this;
    const { id, source } = plugin;
    const step = `Running ${op ?? source.manifest.name}`;
    let done = false;
    const ended = desk.runInputs.begin(id, op, beside);
    desk.begin(step);
    try {
      const result = await run();
      job.update({ step: "Showing the result" });
      if (!(await this.showElsewhere(plugin, job, result, step))) {
        await this.show(plugin, result, beside);
      }
      job.finish("done");
      done = true;
    } catch (error) {
      if (job.signal.aborted || job.isEnded) job.finish("cancelled");
      else {
        const failure = pluginFailure(error, step, source);
        job.fail(failure);
        this.runFailed(id, failure, op);
      }
    } finally {
      ended();
      entries.change(id, { progress: null });
      // What a plugin said last stands when it is done, and is wrong when it was stopped.
      desk.status.update(({ text }) => ({ text: done ? text : "", progress: null }));
    }
  }

  private async show(plugin: Installed, result: unknown, beside: string | undefined) {
    const { desk } = this;
    const open = new Set(desk.windows.store.get());
    await showResult(desk, plugin, result, beside);
    const isNew = desk.windows.store.get().some((window) => !open.has(window));
    if (isNew) desk.runInputs.opened(plugin.id);
  }

  /** A result belongs to the workspace in which its run began; false where it has to open here. */
  private async showElsewhere(
    plugin: Installed,
    { workspace }: JobHandle,
    result: unknown,
    step: string,
  ): Promise<boolean> {
    const { desk } = this;
    if (!desk.jobs.isElsewhere(workspace)) return false;
    const { sendThere } = await import("./elsewhere");
    return sendThere(desk, workspace, step, (there) =>
      showResult(there, plugin, result, undefined),
    );
  }

  /** Goes on with a run that was under way when the page was loaded again. */
  async resume(plugin: Installed, call: { id: string }): Promise<void> {
    const { desk } = this;
    const { name } = plugin.source.manifest;
    const job = desk.jobs.resume(plugin.id, `Running ${name}`, "Running");
    await this.finish(plugin, job, undefined, () =>
      desk.host.resumeRun(plugin.id, call.id, watched(job)),
    );
  }

  private async open(
    plugin: Installed,
    data: unknown = activeData(this.desk, plugin.source.manifest.inputs).data,
    config: Record<string, unknown> = {},
  ): Promise<void> {
    await this.desk.pluginWindows.open(plugin, { data, config }, null).catch((error: unknown) => {
      const { source } = plugin;
      this.report(error, pluginFailure(error, `Opening ${source.manifest.name}`, source));
    });
  }

  private runFailed(id: string, failure: Failure, op?: string): void {
    // A plugin that crashed has said so itself.
    if (this.entries.get(id)?.state !== "failed") {
      this.entries.log(id, "error", inFull(failure));
      if (op === undefined) this.entries.change(id, { failure });
      else this.entries.changeOp(id, op, { failure });
    }
    if (!this.isInEditor(id)) this.desk.fail(failure);
  }

  /** Its editor is in front, which shows the failure at its line and in its console. */
  private isInEditor(id: string): boolean {
    const { windows, catalog } = this.desk;
    const content = windows.get(windows.active.get() ?? "")?.content;
    const plugin = content?.kind === "editor" ? content.plugin : null;
    return plugin !== null && plugin === catalog.get(id)?.source.manifest.name;
  }

  private report(error: unknown, failure: Failure): void {
    if (!isCancelled(error)) this.desk.fail(failure);
  }
}

/** The traceback where there is one, which names the cause itself most of the time. */
function inFull({ cause, detail = "" }: Failure): string {
  return detail.includes(cause) ? detail : [cause, detail].filter(Boolean).join("\n");
}

/** The options of a call that a job shows: it can be cancelled, and tells how much data has moved. */
function watched(job: JobHandle): RunOptions {
  return {
    signal: job.signal,
    onTransfer: (what, done, total) => {
      if (what === "sent" && done === total)
        job.update({ step: "Running", done: 0, total: 0, unit: "" });
      else {
        const step = what === "sent" ? "Sending the data" : "Receiving the result";
        job.update({ step, done, total, unit: "bytes" });
      }
    },
  };
}
