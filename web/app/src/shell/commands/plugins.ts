/** Commands of installed plugins, and of those that can be installed. */
import type { PluginEntry, Workbench } from "../../model";
import { t } from "../messages";
import { canRun } from "../plugin-words";
import type { Command, CommandSource } from "./command";

export const pluginCommands: CommandSource = ({ workbench, shell }) => {
  const plugins = workbench.plugins.get();
  const installed = new Set(plugins.map(({ source }) => source.manifest.name));
  const more = workbench.repository.get().filter(({ name }) => !installed.has(name));
  return [
    ...plugins.flatMap((entry) => commandsOf(workbench, entry)),
    {
      id: "plugins.install-file",
      title: t("Install from file"),
      group: "Plugins" as const,
      run: () => shell.chooseFiles(),
    },
    {
      id: "plugins.install-address",
      title: t("Install from address"),
      group: "Plugins" as const,
      run: () => shell.showView("library"),
    },
    ...more.map(({ name }) => ({
      id: `plugins.install.${name}`,
      title: t("Install {name}", { name }),
      group: "Plugins" as const,
      run: () => void workbench.installFromRepository(name),
    })),
  ];
};

function commandsOf(workbench: Workbench, { id, source, ops }: PluginEntry): Command[] {
  const { name } = source.manifest;
  const command = (action: string, title: string, run: () => void): Command => ({
    id: `plugins.${action}.${name}`,
    title,
    group: "Plugins",
    run,
  });
  return [
    ...(canRun(source.manifest)
      ? [command("run", t("Run {name}", { name }), () => void workbench.runPlugin(id))]
      : []),
    ...ops.map((op) =>
      command(`run.${op.name}`, t("Run {op} of {plugin}", { op: op.name, plugin: name }), () => {
        void workbench.runOperator(id, op.name);
      }),
    ),
    command("about", t("About {name}", { name }), () => workbench.showDocs(id)),
    command("log", t("Log of {name}", { name }), () => workbench.showLog(id)),
    command(
      "permissions",
      t("Permissions of {name}", { name }),
      () => void workbench.permissions.show(id),
    ),
    command("stop", t("Stop {name}", { name }), () => void workbench.stopPlugin(id)),
    command("remove", t("Remove {name}", { name }), () => void workbench.removePlugin(id)),
  ];
}
