/** Every action of the page under its name, for the command palette. */
import type { PluginEntry, RepositoryEntry, Sample, Workbench } from "../model";
import { applyTheme } from "./theme";

export interface Command {
  name: string;
  run(): void;
}

export interface CommandSources {
  workbench: Workbench;
  plugins: PluginEntry[];
  repository: RepositoryEntry[];
  samples: Sample[];
  openPicker(): void;
}

export function commandsFor(sources: CommandSources): Command[] {
  const { workbench, plugins, repository, samples } = sources;
  const installed = new Set(plugins.map(({ source }) => source.manifest.name));
  return [
    { name: "Open files", run: sources.openPicker },
    ...samples.map(({ id, name }) => ({
      name: `Open sample: ${name}`,
      run: () => void workbench.openSample(id),
    })),
    ...plugins.flatMap((entry) => pluginCommands(workbench, entry)),
    ...repository
      .filter(({ name }) => !installed.has(name))
      .map(({ name }) => ({
        name: `Install ${name}`,
        run: () => void workbench.installFromRepository(name),
      })),
    { name: "Use light colours", run: () => applyTheme("light") },
    { name: "Use dark colours", run: () => applyTheme("dark") },
    { name: "Use the system's colours", run: () => applyTheme("auto") },
  ];
}

function pluginCommands(workbench: Workbench, { id, source }: PluginEntry): Command[] {
  const { name } = source.manifest;
  return [
    { name: `Run ${name}`, run: () => void workbench.runPlugin(id) },
    { name: `About ${name}`, run: () => workbench.showDocs(id) },
    { name: `Log of ${name}`, run: () => workbench.showLog(id) },
    { name: `Stop ${name}`, run: () => void workbench.stopPlugin(id) },
    { name: `Remove ${name}`, run: () => void workbench.removePlugin(id) },
  ];
}

/** Commands whose name holds every word of the search. */
export function findCommands(commands: Command[], search: string): Command[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
