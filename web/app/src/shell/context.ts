/** How components get at the workbench. */
import { getContext, setContext } from "svelte";
import type { Workbench } from "../model";

const KEY = Symbol("workbench");

export function provideWorkbench(workbench: Workbench): void {
  setContext(KEY, workbench);
}

export function useWorkbench(): Workbench {
  return getContext<Workbench>(KEY);
}
