/** Commands that act on the windows: go to one, close, arrange. */
import { titlesOf } from "../dock/titles";
import { t } from "../messages";
import type { Command, CommandSource } from "./command";

const MOVES = new Set(["left", "right", "up", "down"]);

export const windowCommands: CommandSource = ({ workbench, shell }) => {
  const windows = workbench.windows.get();
  const active = workbench.activeWindow.get();
  const some = (): boolean => windows.length > 0;
  const command = (id: string, title: string, keys: string[], run: () => void): Command => ({
    id: `windows.${id}`,
    title,
    group: "Windows",
    ...(MOVES.has(id) ? { words: t("split dock beside") } : {}),
    keys,
    when: some,
    run,
  });
  const dock = shell.dock;
  return [
    command("front", t("Go to the window in front"), ["Alt+0"], () => shell.focusOn("window")),
    command("next", t("Next window"), ["Alt+N"], () => shell.stepWindow(1)),
    command("previous", t("Previous window"), ["Alt+Shift+N"], () => shell.stepWindow(-1)),
    command("close", t("Close window"), ["Alt+W"], () => active && workbench.closeWindow(active)),
    command("close-all", t("Close all windows"), [], () => {
      for (const { id } of windows) workbench.closeWindow(id);
    }),
    command("maximise", t("Maximise or restore window"), ["Alt+M"], () => dock.maximise()),
    command("float", t("Float or dock window"), ["Alt+F"], () => dock.float()),
    command("left", t("Move window left"), ["Alt+Shift+ArrowLeft"], () => dock.move("left")),
    command("right", t("Move window right"), ["Alt+Shift+ArrowRight"], () => dock.move("right")),
    command("up", t("Move window up"), ["Alt+Shift+ArrowUp"], () => dock.move("up")),
    command("down", t("Move window down"), ["Alt+Shift+ArrowDown"], () => dock.move("down")),
    command("wider", t("Make window wider"), ["Alt+PageUp"], () => dock.grow({ wide: 1 })),
    command("narrower", t("Make window narrower"), ["Alt+PageDown"], () => dock.grow({ wide: -1 })),
    command("taller", t("Make window taller"), ["Alt+Shift+PageUp"], () => dock.grow({ high: 1 })),
    command("lower", t("Make window lower"), ["Alt+Shift+PageDown"], () => dock.grow({ high: -1 })),
    command("tabs", t("Move window behind the next one"), [], () => dock.stack()),
    command("tile", t("Tile all windows"), ["Alt+T"], () => dock.tile()),
    ...[...titlesOf(windows)].map(([id, title]) =>
      command(`show.${title}`, t("Go to window: {name}", { name: title }), [], () =>
        workbench.activeWindow.set(id),
      ),
    ),
  ];
};
