/** The page without its shell, for `imjoy plugin check --run`: plugins are run and judged, not shown. */
import { createWorkbench } from "../workbench";
import { memoryDatabase } from "../workspaces/database";
import { Checker } from "./checker";

/** Builds a workbench that keeps nothing and puts its checker where the caller's browser finds it. */
export async function startChecker(): Promise<void> {
  const workbench = createWorkbench({
    database: memoryDatabase(),
    // Without a person there is nobody to choose a file, nor to save one.
    actions: { choose: async () => null, save: () => undefined, openTab: () => undefined },
  });
  await workbench.start();
  (globalThis as Record<string, unknown>).imjoyChecker = new Checker(workbench);
}
