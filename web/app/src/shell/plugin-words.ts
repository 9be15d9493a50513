/** What the cards of plugins say and offer. */
import type { Manifest, PluginState } from "../model";
import { t } from "./messages";

/** Whether there is something to run in it, as far as its manifest tells. */
export function canRun({ type, runnable }: Manifest): boolean {
  return runnable !== false && type !== "collection";
}

export function stateWords(state: PluginState): string {
  const words: Record<PluginState, string> = {
    installed: t("not started"),
    starting: t("starting"),
    ready: t("ready"),
    running: t("running"),
    stopping: t("stopping"),
    failed: t("failed"),
  };
  return words[state];
}
