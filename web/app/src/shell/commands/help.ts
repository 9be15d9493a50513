/** Commands that explain the page and let people set it up. */
import { t } from "../messages";
import type { CommandSource } from "./command";

export const helpCommands: CommandSource = ({ shell }) => [
  {
    id: "help.settings",
    title: t("Settings"),
    group: "View",
    keys: ["Mod+,"],
    run: () => shell.overlay.set("settings"),
  },
  {
    id: "help.shortcuts",
    title: t("Keyboard shortcuts"),
    group: "Help",
    keys: ["Mod+Shift+H", "F1"],
    run: () => shell.overlay.set("shortcuts"),
  },
  {
    id: "help.reset-shortcuts",
    title: t("Reset all shortcuts"),
    group: "Help",
    run: () => shell.preferences.change({ shortcuts: {} }),
  },
  {
    id: "help.tour",
    title: t("Take the tour"),
    group: "Help",
    run: () => shell.overlay.set("tour"),
  },
];
