/** What a plugin is doing, in words. */
import type { PluginState } from "../model";
import { t } from "./messages";

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
