/** The page's own dialogs that are loaded when first asked for, or ahead. To add one: a line here. */
import type { Component } from "svelte";
import type { Overlay } from "../state";

type Shown = Promise<{ default: Component<{ onClose(): void }> }>;

export const OVERLAYS: Record<Exclude<Overlay, "palette">, () => Shown> = {
  settings: () => import("./Settings.svelte"),
  share: () => import("./Share.svelte"),
  shortcuts: () => import("./Shortcuts.svelte"),
  workspaces: () => import("./WorkspaceList.svelte"),
  "new-plugin": () => import("./NewPlugin.svelte"),
  tour: () => import("./Tour.svelte"),
};

/** What shows a question of the page or of a plugin: most of what forms and lists of files are made of. */
export const loadQuestion = () => import("./Dialog.svelte");
