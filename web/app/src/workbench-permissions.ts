/** Joins what plugins may do to the rooms of the workbench. */
import { PluginPermissions } from "./host/permissions";
import type { DialogOwner, Workbench } from "./model";
import type { Desk } from "./services/desk";
import type { Dialogs } from "./workspaces/dialogs";

type Rooms = Pick<Desk, "settings" | "catalog" | "host" | "pluginWindows">;

/** `need` gives the rooms, which are there once the database is open. */
export function makePermissions(need: () => Rooms, dialogs: Dialogs): PluginPermissions {
  return new PluginPermissions({
    settings: () => need().settings,
    plugin: (id) => need().catalog.get(id),
    ask: (question) => dialogs.confirm(question),
    show: (id) => dialogs.permissions(id),
    onChanged: async (plugin) => {
      const { host, pluginWindows } = need();
      await host.stop(plugin.id, "It was stopped because what it may do was changed.");
      await pluginWindows.reload(plugin);
    },
  });
}

/** The plugin of that id as the owner of a dialog; undefined for what is no plugin. */
export function ownerOf(
  id: string,
  rooms: Pick<Desk, "catalog"> | null,
  workbench: Pick<Workbench, "stopPlugin">,
): DialogOwner | undefined {
  const name = rooms?.catalog.get(id)?.source.manifest.name;
  return name === undefined ? undefined : { name, stop: () => void workbench.stopPlugin(id) };
}
