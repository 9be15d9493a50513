/** Finds and offers the plugins that something was made with and that are not here, or here in another version. */
import type { SavedPlugin, WorkspaceContent } from "../model";
import type { Catalog } from "../plugins/catalog";
import type { Installer } from "../plugins/installer";
import type { Blobs } from "../workspaces/blobs";
import type { Dialogs } from "../workspaces/dialogs";
import { pluginBlob } from "../workspaces/snapshot";

export interface MissingParts {
  catalog: Catalog;
  dialogs: Dialogs;
  /** Questions that were answered with no before. */
  declined: { get(): Promise<string[]>; add(question: string): Promise<void> };
  /** Does it, and shows what fails. */
  install(name: string, run: (installer: Installer) => Promise<string | null>): Promise<unknown>;
}

/**
 * Asks, then shows the card of each plugin that a workspace was made with and is not here as it was.
 * @returns whether there is anything new
 */
export async function installMissing(
  { catalog, dialogs, install, declined }: MissingParts,
  { plugins }: WorkspaceContent,
  blobs: Blobs,
): Promise<boolean> {
  const missing = plugins.filter(({ name }) => !catalog.byName(name));
  const others: SavedPlugin[] = [];
  for (const plugin of plugins) if (await isOther(plugin)) others.push(plugin);
  const wanted: SavedPlugin[] = [];
  if (missing.length > 0) {
    const text = `This workspace was made with plugins that are not installed here: ${listed(missing)}.`;
    const title = "Install the plugins of this workspace?";
    if (await agrees({ title, text, confirm: "Install" })) wanted.push(...missing);
  }
  if (others.length > 0) {
    const text = `This workspace was made with ${listed(others)}; here are ${listed(others.map(installed))}.`;
    const title = "Use the versions of this workspace?";
    const [confirm, cancel] = ["Use those", "Keep mine"];
    if (await agrees({ title, text, confirm, cancel })) wanted.push(...others);
  }
  for (const { name, hash, tag, origin } of wanted) {
    const bytes = await blobs.get(pluginBlob(hash));
    if (!bytes) continue;
    const code = new TextDecoder().decode(bytes);
    await install(name, (installer) => installer.fromKept(code, origin, tag));
  }
  return wanted.length > 0;

  /** Who has declined is not asked the same again each time that the workspace is opened. */
  async function agrees(question: Parameters<Dialogs["confirm"]>[0]): Promise<boolean> {
    if ((await declined.get()).includes(question.text)) return false;
    const answer = await dialogs.confirm(question);
    if (!answer) await declined.add(question.text);
    return answer;
  }

  /** Installed with another file, while the one of then can be had; one that is written now changes all the time. */
  async function isOther({ name, version, hash }: SavedPlugin): Promise<boolean> {
    const { source } = catalog.byName(name) ?? {};
    if (!source || source.hash === hash || source.manifest.version === version) return false;
    return blobs.has(pluginBlob(hash));
  }

  function installed({ name }: SavedPlugin): { name: string; version: string } {
    return { name, version: catalog.byName(name)?.source.manifest.version ?? "" };
  }
}

function listed(plugins: { name: string; version: string }[]): string {
  return plugins.map(({ name, version }) => `${name} ${version}`).join(", ");
}
