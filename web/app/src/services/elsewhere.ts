/** Makes what a run gave into windows of a workspace that is not open: they are there when it is opened. */
import type { DataItem, SavedWindow, WorkspaceName } from "../model";
import { toFailure } from "../plugins/failure";
import { Items } from "../workspaces/items";
import { Snapshots } from "../workspaces/snapshot";
import { Windows } from "../workspaces/windows";
import type { Desk } from "./desk";
import type { PluginWindows } from "./plugin-windows";

interface Elsewhere {
  windows: SavedWindow[];
  items: readonly DataItem[];
}

/**
 * Puts what `show` opens into that workspace, and says so.
 * @returns false where it has to be opened here, which is said, too; nothing is lost in any case
 */
export async function sendThere(
  desk: Desk,
  workspace: WorkspaceName,
  step: string,
  show: (desk: Desk) => Promise<void>,
): Promise<boolean> {
  const { id, name } = workspace;
  const there = await windowsFor(desk, show);
  if (there?.windows.length === 0) return true;
  if (there && (await desk.workspaces().addTo(id, there.windows, there.items))) {
    desk.notices.offer(`${step} is done. Its result is in the workspace "${name}".`, {
      label: "Open it",
      run: () => open(desk, workspace),
    });
    return true;
  }
  if (desk.jobs.isElsewhere(workspace)) {
    const text = `${step} began in the workspace "${name}"; its result opens in this one.`;
    desk.notices.notify("info", text, undefined, 20);
  }
  return false;
}

function open(desk: Desk, { id, name }: WorkspaceName): void {
  const fail = (error: unknown): void => desk.fail(toFailure(error, `Opening ${name}`));
  void desk.workspaces().open(id).catch(fail);
}

/** Null where something cannot be kept, as a window that asks for something. */
async function windowsFor(
  desk: Desk,
  show: (desk: Desk) => Promise<void>,
): Promise<Elsewhere | null> {
  const [windows, items] = [new Windows(), new Items()];
  const shown = new Map<string, unknown>();
  const open: PluginWindows["open"] = async (plugin, { name, data = null }) => {
    const title = typeof name === "string" && name ? name : plugin.source.manifest.name;
    const { id } = windows.open({ title, content: { kind: "frame", plugin: plugin.id } });
    shown.set(id, data);
    return {};
  };
  await show({
    ...desk,
    windows,
    items,
    views: new Map(),
    pluginWindows: { open } as PluginWindows,
    openImage: (title, image, origin) => {
      const item = items.add(title, image, origin).id;
      return windows.open({ title, content: { kind: "image", item } }).id;
    },
  });
  const held = snapshotsOf(desk, windows, items, shown).hold();
  const isWhole = held.rest.windows.length === windows.store.get().length;
  return isWhole ? { windows: held.rest.windows, items: held.items } : null;
}

/** Of windows that nobody opens, so there is nothing to bring back. */
function snapshotsOf(
  desk: Desk,
  windows: Windows,
  items: Items,
  shown: ReadonlyMap<string, unknown>,
): Snapshots {
  const nothing = (): void => undefined;
  return new Snapshots({
    windows,
    items,
    plugins: () => desk.catalog.list(),
    formOf: () => ({}),
    operatorForms: () => ({}),
    setForm: nothing,
    showItem: nothing,
    openPlugin: nothing,
    dataOf: (window) => shown.get(window),
  });
}
