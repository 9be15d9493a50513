/** Commands for writing plugins. */
import { t } from "../messages";
import { whenItFails } from "../workspace-actions";
import type { Command, CommandContext, CommandSource } from "./command";

export const editorCommands: CommandSource = (context) => {
  const { workbench, shell } = context;
  const { editor } = workbench;
  return [
    {
      id: "editor.new",
      title: t("New plugin"),
      group: "Editor",
      keys: ["Mod+Alt+N"],
      run: () => shell.overlay.set("new-plugin"),
    },
    {
      id: "editor.open",
      title: t("Open a plugin file in the editor"),
      group: "Editor",
      run: () => void editor.openFile(),
    },
    {
      id: "editor.open-engine",
      title: t("Open a plugin file of the engine in the editor"),
      group: "Editor",
      when: () => workbench.engine.get().state === "connected",
      run: () => void editor.openEngineFile(),
    },
    ...workbench.plugins.get().map(({ id, source: { manifest } }) => ({
      id: `editor.edit.${manifest.name}`,
      title: t("Edit {name}", { name: manifest.name }),
      group: "Editor" as const,
      run: () => void editor.edit(id),
    })),
    ...windowCommands(context),
  ];
};

/** Commands for one window of the editor; without an id for the one that is in front. */
export function windowCommands(
  context: CommandContext,
  id: string | null = context.workbench.activeWindow.get(),
): Command[] {
  const { workbench, shell } = context;
  const { editor } = workbench;
  const window = workbench.windows.get().find((open) => open.id === id);
  if (window?.content.kind !== "editor") return [];
  const command = (action: string, title: string, keys: string[], run: () => void): Command => ({
    id: `editor.${action}`,
    title,
    group: "Editor",
    keys,
    run,
  });
  const pane = shell.editors.get(window.id);
  return [
    command("save", t("Save and reload the plugin"), ["Mod+S"], () => void editor.save(window.id)),
    command("run", t("Save and run the plugin"), ["Shift+Enter", "Mod+E"], () =>
      whenItFails(context, t("Running the plugin"), editor.run(window.id)),
    ),
    command("compare", t("Show or hide differences from what is installed"), ["Alt+D"], () =>
      pane?.toggleComparison(),
    ),
    command("console", t("Show or hide the console"), ["Alt+J"], () => pane?.toggleConsole()),
    command("file", t("Save to a file"), ["Mod+Shift+S"], () => void editor.saveFile(window.id)),
    {
      ...command("engine", t("Save to the engine"), [], () => void editor.saveToEngine(window.id)),
      when: () => workbench.engine.get().state === "connected",
    },
    command("link", t("Copy a link to the plugin"), [], () => copyLink(context, window.id)),
  ];
}

export function copyLink(context: CommandContext, id: string): void {
  const { workbench } = context;
  const copy = async (): Promise<void> => {
    const link = await workbench.editor.link(id);
    try {
      await navigator.clipboard.writeText(link);
      workbench.notify("success", t("The link is copied. It holds the whole text of the plugin."));
    } catch {
      // Without a secure connection there is no clipboard; the link can be selected.
      await workbench.confirm({ title: t("Link to the plugin"), text: link, confirm: t("Done") });
    }
  };
  whenItFails(context, t("Making a link"), copy());
}
