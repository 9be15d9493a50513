/**
 * The views of the side bar, from top to bottom. To add one: a component in `panels/` and a line here.
 * The order gives each view its key, Alt+1 to Alt+9, and the palette its "Show …".
 */
import type { Component } from "svelte";
import type { Readable, Workbench } from "../../model";
import PluginsPanel from "../panels/PluginsPanel.svelte";

export interface SideView {
  id: string;
  /** English; shown in the language of the user. */
  title: string;
  /** Lines of a drawing of 24 by 24, as the `d` of an SVG path. */
  icon: string;
  /** Loaded when it is first shown. */
  load(): Promise<Component> | Component;
  /** A number to show at the icon, such as how much work goes on; 0 shows nothing. */
  badge?(workbench: Workbench): Readable<number>;
}

export const SIDE_VIEWS: SideView[] = [
  {
    id: "plugins",
    title: "Plugins",
    icon: "M9 4h6v3a2 2 0 1 0 4 0h1v13H4V7h1a2 2 0 1 0 4 0z",
    load: () => PluginsPanel,
  },
  {
    id: "library",
    title: "Library",
    icon: "M5 4h4v16H5zM9 4h4v16H9zM14.5 5l3.8-1 3.7 15-3.8 1z",
    load: async () => (await import("../panels/LibraryPanel.svelte")).default,
  },
  {
    id: "data",
    title: "Data",
    icon: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
    load: async () => (await import("../panels/DataPanel.svelte")).default,
  },
  {
    id: "files",
    title: "Files",
    icon: "M4 6h6l2 2h8v11H4zM4 11h16",
    load: async () => (await import("../panels/FilesPanel.svelte")).default,
  },
  {
    id: "workflows",
    title: "Workflows",
    icon: "M4 5h6v5H4zM14 14h6v5h-6zM7 10v6.5h7",
    load: async () => (await import("../panels/WorkflowsPanel.svelte")).default,
  },
  {
    id: "environments",
    title: "Environments",
    icon: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
    load: async () => (await import("../panels/EnvironmentsPanel.svelte")).default,
  },
  {
    id: "jobs",
    title: "Jobs",
    icon: "M4 7l2 2 3-3M12 8h8M4 16l2 2 3-3M12 17h8",
    load: async () => (await import("../panels/JobsPanel.svelte")).default,
    badge: ({ jobs }) => counted(jobs),
  },
  {
    id: "engine",
    title: "Engine",
    icon: "M7 7h10v10H7zM10 7V4M14 7V4M10 20v-3M14 20v-3M7 10H4M7 14H4M20 10h-3M20 14h-3",
    load: async () => (await import("../panels/EnginePanel.svelte")).default,
  },
];

/** Where the long names of views may be broken on a narrow page, in all languages. */
const BREAKS = ["Work|flows", "Environ|ments", "Biblio|thek", "Umge|bungen", "Auf|gaben"];

/** The parts of a name of a view between which a line may end. */
export function breakable(name: string): string[] {
  return (BREAKS.find((each) => each.replace("|", "") === name) ?? name).split("|");
}

/** How many jobs are running now. */
function counted(jobs: Workbench["jobs"]): Readable<number> {
  const count = (): number => jobs.get().filter(({ state }) => state === "running").length;
  return { get: count, subscribe: (run) => jobs.subscribe(() => run(count())) };
}
