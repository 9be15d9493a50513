/** Joins what can be taken back to the rooms that do it. */
import type { PluginPermissions } from "./host/permissions";
import { Undoable } from "./undoable";
import type { Parts } from "./workbench-parts";
import type { Room } from "./workbench-room";

export function makeUndoable(needs: {
  parts: Parts;
  /** Once the database is open. */
  room(): Room | null;
  permissions: PluginPermissions;
  removeNow(id: string): Promise<void>;
}): Undoable {
  const { parts, room, permissions, removeNow } = needs;
  const { undo, notices, windows, items, opener, entries } = parts;
  return new Undoable({
    undo,
    notices,
    windows,
    items,
    opener,
    pluginWindows: () => room()?.pluginWindows,
    plugin: (id) => room()?.catalog.get(id),
    removeNow,
    reinstall: async (plugin, form) => {
      const { catalog, settings } = room() as Room;
      const installed = await catalog.install(plugin.source, plugin.id);
      for (const [name, value] of Object.entries(form)) {
        await settings.set(installed.id, "form", name, value);
      }
      entries.set(installed, form);
      const kept = permissions.known.get()[plugin.id];
      if (kept) await permissions.keep(installed, kept);
    },
  });
}
