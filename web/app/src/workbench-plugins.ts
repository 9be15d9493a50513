/** What a person does with plugins: install, remove, start, run, stop, and read about them. */
import type { Workbench } from "./model";
import { isCancelled, toFailure } from "./plugins/failure";
import type { Installer } from "./plugins/installer";
import type { Undoable } from "./undoable";
import type { Parts } from "./workbench-parts";
import type { Room } from "./workbench-room";
import type { Windows } from "./workspaces/windows";

export interface PluginActionParts {
  parts: Parts;
  undoable(): Undoable;
  /** What there is once the database is open. */
  room(): Room;
}

export class PluginActions {
  constructor(private readonly needs: PluginActionParts) {}

  installFromFile(file: File): Promise<string | null> {
    return this.install(file.name, (installer) => installer.fromFile(file));
  }

  installFromUrl(url: string): Promise<string | null> {
    return this.install(url, (installer) => installer.fromSource(url, null));
  }

  installFromRepository(name: string): Promise<string | null> {
    const entry = this.needs.parts.library.entries.get().find((known) => known.name === name);
    return this.install(name, (installer) =>
      entry ? installer.fromRepository(entry) : installer.fromSource(name, null),
    );
  }

  /** Does it; what fails is shown, and stands in the list of what was done. */
  async install(
    what: string,
    run: (installer: Installer) => Promise<string | null>,
  ): Promise<string | null> {
    const { jobs, notices } = this.needs.parts;
    const step = `Installing ${what}`;
    try {
      const id = await run(this.needs.room().installer);
      notices.forget(step); // what failed before is mended
      return id;
    } catch (error) {
      if (isCancelled(error)) return null;
      const failure = toFailure(error, step);
      jobs.start("", step).fail(failure);
      notices.fail(failure);
      return null;
    }
  }

  async remove(id: string): Promise<void> {
    const plugin = this.needs.room().catalog.get(id);
    const form = this.needs.parts.entries.get(id)?.config ?? {};
    if (plugin) await this.needs.undoable().remove(plugin, form);
  }

  /** Without a way back. */
  async removeNow(id: string): Promise<void> {
    const { catalog, host, operators, pluginWindows, registry, settings } = this.needs.room();
    pluginWindows.closeAll(id);
    await host.stop(id);
    registry.remove(({ owner }) => owner === id);
    await operators.forget(id);
    await catalog.remove(id);
    await settings.forget(id);
    this.needs.parts.entries.remove(id);
  }

  async start(id: string): Promise<void> {
    const { catalog, runner } = this.needs.room();
    const plugin = catalog.get(id);
    if (plugin) await runner.start(plugin);
  }

  async run(id: string, given?: Parameters<Workbench["runPlugin"]>[1]): Promise<void> {
    const { catalog, runner } = this.needs.room();
    const plugin = catalog.get(id);
    if (plugin && given) await runner.runWith(plugin, given.data, undefined, given.config);
    else if (plugin) await runner.run(plugin);
  }

  /** The window that a run would work on now; undefined where it gets none. */
  inputOf(id: string, op?: string): string | undefined {
    const { catalog, runner } = this.needs.room();
    const plugin = catalog.get(id);
    const operator = op === undefined ? undefined : this.needs.parts.entries.opOf(id, op);
    return plugin && runner.inputOf(plugin, operator).window;
  }

  async runOperator(id: string, op: string, data?: unknown): Promise<void> {
    const { catalog, runner } = this.needs.room();
    const plugin = catalog.get(id);
    const operator = this.needs.parts.entries.opOf(id, op);
    if (plugin && operator) await runner.runOperator(plugin, operator, data);
  }

  async stop(id: string): Promise<void> {
    const { dialogs, jobs } = this.needs.parts;
    dialogs.closeAll(id);
    const stopped = jobs.stop(id);
    const { host, pluginWindows, registry } = this.needs.room();
    pluginWindows.closeAll(id);
    registry.remove(({ owner }) => owner === id);
    await host.stop(id).finally(stopped);
  }

  /** Takes what has ended off the list of work, and its failures off the plugins. */
  forgetEnded(): void {
    const { jobs, entries, notices } = this.needs.parts;
    notices.forgetFailures();
    const ended = jobs.store.get().filter(({ workspace }) => !jobs.isElsewhere(workspace));
    const failures = new Set(ended.map(({ failure }) => failure));
    jobs.clear();
    for (const { id, failure } of entries.store.get()) {
      if (failure !== null && failures.has(failure)) entries.change(id, { failure: null });
    }
  }

  showDocs(id: string): void {
    const entry = this.needs.parts.entries.get(id);
    if (!entry) return;
    const { manifest, docs } = entry.source;
    const source = docs || manifest.description || "This plugin has no documentation.";
    this.showOnce(`About ${manifest.name}`, { kind: "markdown", source });
  }

  showLog(id: string): void {
    const entry = this.needs.parts.entries.get(id);
    if (entry) this.showOnce(`Log of ${entry.source.manifest.name}`, { kind: "log", plugin: id });
  }

  private showOnce(title: string, content: Parameters<Windows["open"]>[0]["content"]): void {
    const { windows } = this.needs.parts;
    const open = windows.store
      .get()
      .find((window) => window.title === title && window.content.kind === content.kind);
    if (open) windows.active.set(open.id);
    else windows.open({ title, content });
  }
}
