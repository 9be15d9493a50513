/** Commands of workspaces, and undo and redo. */
import type { WorkspacePlace } from "../../model";
import { t } from "../messages";
import { inWords } from "../messages/sentences";
import { exportWorkspace, newWorkspace, shownName, whenItFails } from "../workspace-actions";
import type { Command, CommandSource } from "./command";

export const workspaceCommands: CommandSource = (context) => {
  const { workbench, shell } = context;
  const { workspaces, undo } = workbench;
  const { undo: last, redo: next } = undo.state.get();
  const { id: current } = workspaces.current.get();
  const command = (
    id: string,
    title: string,
    run: () => void,
    rest: Partial<Command> = {},
  ): Command => ({ id: `workspace.${id}`, title, group: "Workspace", run, ...rest });
  const exporting = (id: string, title: string, data: boolean): Command =>
    command(id, title, () => whenItFails(context, title, exportWorkspace(workbench, data)));
  const copying = (place: WorkspacePlace, title: string): Command =>
    command(
      `copy-${place}`,
      title,
      () => whenItFails(context, title, workspaces.copy(workspaces.current.get().name, place)),
      { when: () => place !== "engine" || workbench.engine.get().state === "connected" },
    );
  return [
    command(
      "undo",
      last ? t("Undo: {step}", { step: inWords(last) }) : t("Undo"),
      () => void undo.undo(),
      {
        keys: ["Mod+Z"],
        when: () => last !== null,
      },
    ),
    command(
      "redo",
      next ? t("Redo: {step}", { step: inWords(next) }) : t("Redo"),
      () => void undo.redo(),
      {
        keys: ["Mod+Shift+Z", "Mod+Y"],
        when: () => next !== null,
      },
    ),
    command("list", t("Workspaces"), () => shell.overlay.set("workspaces"), {
      keys: ["Mod+Shift+O"],
    }),
    command("new", t("New workspace"), () => newWorkspace(context, "browser")),
    command("new-engine", t("New workspace on the engine"), () => newWorkspace(context, "engine"), {
      when: () => workbench.engine.get().state === "connected",
    }),
    command("temporary", t("New temporary workspace"), () => newWorkspace(context, "temporary")),
    exporting("export", t("Export workspace with its data"), true),
    exporting("export-light", t("Export workspace without images"), false),
    command("import", t("Import workspace"), () => shell.chooseFiles()),
    command("rename", t("Rename or delete workspaces"), () => shell.overlay.set("workspaces")),
    command(
      "history",
      t("Earlier states of this workspace"),
      () => shell.overlay.set("workspaces"),
      {
        words: t("history versions go back"),
      },
    ),
    copying("engine", t("Copy this workspace to the engine")),
    copying("browser", t("Copy this workspace in this browser")),
    command("share", t("Copy link to this workspace"), () => shell.overlay.set("share")),
    ...workspaces.list
      .get()
      .filter(({ id, deletedAt }) => id !== current && deletedAt === null)
      .map(({ id, name }) =>
        command(`open.${id}`, t("Open workspace: {name}", { name: shownName(name) }), () =>
          whenItFails(context, t("Opening workspace"), workspaces.open(id)),
        ),
      ),
  ];
};
