/** How components get at the workbench and at the state of the shell. */
import { getContext, setContext } from "svelte";
import type { Workbench } from "../model";
import type { ShellState } from "./state";

const WORKBENCH = Symbol("workbench");
const SHELL = Symbol("shell");

export function provide(workbench: Workbench, shell: ShellState): void {
  setContext(WORKBENCH, workbench);
  setContext(SHELL, shell);
}

/** The same, for components that are mounted by themselves. */
export function contextOf(workbench: Workbench, shell: ShellState): Map<unknown, unknown> {
  return new Map<unknown, unknown>([
    [WORKBENCH, workbench],
    [SHELL, shell],
  ]);
}

export function useWorkbench(): Workbench {
  return getContext<Workbench>(WORKBENCH);
}

export function useShell(): ShellState {
  return getContext<ShellState>(SHELL);
}
