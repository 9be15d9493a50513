/** On what a run worked: while its result is in front by itself, the next run of the same works on that again. */
import type { WindowModel } from "../model";
import type { Windows } from "../workspaces/windows";

export class RunInputs {
  /** The windows that runs under way work on. */
  private readonly running = new Map<string, string>();
  private readonly last = new Map<string, { input: string; result: string }>();

  constructor(private readonly windows: Windows) {
    // Who goes to another window chooses it for the next run.
    windows.active.subscribe((id) => {
      for (const [key, { result }] of this.last) if (result !== id) this.last.delete(key);
    });
  }

  /** A plugin, or its operation, runs on what a window shows. @returns what ends it */
  begin(plugin: string, op: string | undefined, input: string | undefined): () => void {
    const key = keyOf(plugin, op);
    if (input !== undefined) this.running.set(key, input);
    return () => void this.running.delete(key);
  }

  /** The window in front was just opened by a plugin. */
  opened(plugin: string): void {
    const result = this.windows.active.get();
    for (const [key, input] of this.running) {
      if (key.startsWith(keyOf(plugin)) && result !== null) this.last.set(key, { input, result });
    }
  }

  /** The window to work on again; undefined where the one in front counts. */
  again(plugin: string, op: string | undefined): WindowModel | undefined {
    return this.windows.get(this.last.get(keyOf(plugin, op))?.input ?? "");
  }
}

function keyOf(plugin: string, op = ""): string {
  return `${plugin}/${op}`;
}
