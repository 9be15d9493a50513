/** Finds and offers the plugins that something needs and that are not installed here. */
import type { WorkspaceContent } from "../model";
import type { Catalog } from "../plugins/catalog";
import type { Installer } from "../plugins/installer";
import type { Blobs } from "../workspaces/blobs";
import type { Dialogs } from "../workspaces/dialogs";
import { pluginBlob } from "../workspaces/snapshot";

export interface MissingParts {
  catalog: Catalog;
  dialogs: Dialogs;
  /** Does it, and shows what fails. */
  install(name: string, run: (installer: Installer) => Promise<string | null>): Promise<unknown>;
}

/**
 * Asks once, then shows the card of each plugin that a workspace was made with and is not here.
 * @returns whether there is anything new
 */
export async function installMissing(
  { catalog, dialogs, install }: MissingParts,
  { plugins }: WorkspaceContent,
  blobs: Blobs,
): Promise<boolean> {
  const missing = plugins.filter(({ name }) => !catalog.byName(name));
  if (missing.length === 0) return false;
  const names = missing.map(({ name, version }) => `${name} ${version}`).join(", ");
  const text = `This workspace was made with plugins that are not installed here: ${names}.`;
  const title = "Install the plugins of this workspace?";
  if (!(await dialogs.confirm({ title, text, confirm: "Install" }))) return false;
  for (const { name, hash, tag, origin } of missing) {
    const bytes = await blobs.get(pluginBlob(hash));
    if (!bytes) continue;
    const code = new TextDecoder().decode(bytes);
    await install(name, (installer) => installer.fromKept(code, origin, tag));
  }
  return true;
}
