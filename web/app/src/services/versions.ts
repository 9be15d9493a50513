/** The versions of installed plugins: newer ones to be had, earlier ones to go back to, pinned ones. */
import type { Entries } from "../host/entries";
import type { PluginCard, PluginVersion, PluginVersions, RepositoryEntry } from "../model";
import type { Catalog, EarlierVersion, Installed } from "../plugins/catalog";
import { codedError } from "../plugins/failure";
import type { Installer } from "../plugins/installer";
import { parsePlugin } from "../plugins/parser";

interface Room {
  catalog: Catalog;
  installer: Installer;
}

export class Versions implements PluginVersions {
  constructor(
    private readonly room: () => Room,
    private readonly entries: Entries,
  ) {}

  async earlier(id: string): Promise<PluginVersion[]> {
    const { catalog } = this.room();
    const name = catalog.get(id)?.source.manifest.name ?? "";
    const all = await catalog.earlier(name);
    return all.map(({ version, tag, origin, replacedAt }) => ({
      version,
      tag,
      origin,
      replacedAt,
    }));
  }

  async goBack(id: string, version: string): Promise<void> {
    const { code, origin, tag } = await this.find(id, version);
    await this.room().installer.goBack(code, origin, tag);
  }

  async keepBeside(id: string, version: string): Promise<void> {
    const { code, origin, tag } = await this.find(id, version);
    const { catalog } = this.room();
    const source = parsePlugin(code, { origin, tag });
    this.show(await catalog.installBeside(source), this.entries.get(id)?.config);
  }

  async pin(id: string, pinned: boolean): Promise<void> {
    if (await this.room().catalog.pin(id, pinned)) this.entries.change(id, { pinned });
  }

  inspect(entry: RepositoryEntry): Promise<PluginCard> {
    return this.room().installer.inspect(entry);
  }

  async findUpdates(): Promise<Record<string, string>> {
    const { catalog, installer } = this.room();
    const found: Record<string, string> = {};
    const look = async ({ id, source, pinned }: Installed): Promise<void> => {
      if (pinned || !/^https?:/.test(source.origin)) return;
      const { manifest, hash } = await installer.newest(source.origin);
      // One that stands beside another version has a name of its own, and stays as it is.
      const same = manifest.name === source.manifest.name;
      if (same && hash !== source.hash) found[id] = manifest.version;
    };
    // One that cannot be reached has no newer version that could be had.
    await Promise.all(catalog.list().map((plugin) => look(plugin).catch(() => undefined)));
    return found;
  }

  async update(id: string): Promise<string | null> {
    const { catalog, installer } = this.room();
    const plugin = catalog.get(id);
    if (!plugin) return null;
    return installer.fromSource(plugin.source.origin, plugin.source.tag);
  }

  private show(installed: Installed, answers: Record<string, unknown> = {}): void {
    this.entries.set(installed, answers);
  }

  private async find(id: string, version: string): Promise<EarlierVersion> {
    const { catalog } = this.room();
    const name = catalog.get(id)?.source.manifest.name ?? "";
    const found = (await catalog.earlier(name)).find((known) => known.version === version);
    if (found) return found;
    const cause = `Version ${version} of ${name} is not kept any more.`;
    const remedy = "Install it from where it came from.";
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  }
}
