/** Commands that change what is shown: side views, colours, text size. */
import { LANGUAGES, t } from "../messages";
import { SIDE_VIEWS } from "../views";
import type { Command, CommandSource } from "./command";

/** So that people find their way back from a language that they cannot read. */
const ENGLISH = new Intl.DisplayNames(["en"], { type: "language" });

export const viewCommands: CommandSource = ({ shell }) => {
  const { preferences } = shell;
  const look = (
    id: string,
    title: string,
    change: Parameters<typeof preferences.change>[0],
  ): Command => ({ id, title, group: "View", run: () => preferences.change(change) });
  const size = preferences.get().textSize;
  return [
    {
      id: "view.palette",
      title: t("Search actions"),
      group: "View",
      keys: ["Mod+K", "Mod+Shift+P"],
      run: () => shell.overlay.set("palette"),
    },
    {
      id: "view.side",
      title: t("Show or hide the side panel"),
      group: "View",
      keys: ["Mod+B"],
      run: () => shell.togglePanel(),
    },
    ...SIDE_VIEWS.map((view, index) => ({
      id: `view.side.${view.id}`,
      title: t("Show {name}", { name: t(view.title) }),
      group: "View" as const,
      ...(index < 9 ? { keys: [`Alt+${index + 1}`] } : {}),
      run: () => {
        shell.showView(view.id);
        shell.focusOn("view");
      },
    })),
    look("view.light", t("Use light colours"), { theme: "light" }),
    look("view.dark", t("Use dark colours"), { theme: "dark" }),
    look("view.system", t("Use the system's colours"), { theme: "auto", contrast: "auto" }),
    look("view.contrast", t("Use high contrast"), { contrast: "more" }),
    ...Object.entries(LANGUAGES).map(([code, { name }]) => ({
      ...look(`view.language.${code}`, t("Language: {name}", { name }), { language: code }),
      words: `Language ${ENGLISH.of(code)}`,
    })),
    look("view.larger", t("Larger text"), { textSize: Math.min(size + 10, 200) }),
    look("view.smaller", t("Smaller text"), { textSize: Math.max(size - 10, 70) }),
  ];
};
