/** The installed plugins, kept in the browser so that they survive a reload and work offline. */
import { newId } from "@imjoy/rpc";
import type { PluginSource } from "../model";
import { parsePlugin } from "./parser";

/** A table of records; the browser's database, or memory where there is none. */
export interface Records<T> {
  all(): Promise<T[]>;
  put(key: string, value: T): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface PluginRecord {
  id: string;
  code: string;
  origin: string;
  tag: string | null;
  installedAt: number;
  /** No newer version is offered. */
  pinned?: boolean;
  /** The name under which it is here, when it stands beside another version of the same plugin. */
  alias?: string;
}

export interface Installed {
  id: string;
  source: PluginSource;
  pinned?: boolean;
}

/** A version that was replaced by another. */
export interface EarlierVersion {
  name: string;
  version: string;
  code: string;
  origin: string;
  tag: string | null;
  replacedAt: number;
}

/** Where earlier versions are kept, by name and version. */
export interface EarlierVersions {
  all(): Promise<EarlierVersion[]>;
  put(key: string[], value: EarlierVersion): Promise<void>;
  delete(key: string[]): Promise<void>;
}

/** Earlier versions that are kept of one plugin. */
const EARLIER = 10;

/** Knows every installed plugin by id and by name; names are unique. */
export class Catalog {
  private readonly plugins = new Map<string, Installed>();
  /** Names of those that stand beside another version. */
  private readonly aliases = new Map<string, string>();
  private readonly visitors = new Map<string, Installed>();
  constructor(
    private readonly records: Records<PluginRecord>,
    private readonly replaced: EarlierVersions | null = null,
  ) {}

  /** Reads what was installed before; a record that can no longer be parsed is reported, not lost. */
  async load(onBroken: (record: PluginRecord, error: unknown) => void): Promise<Installed[]> {
    const records = await this.records.all();
    for (const record of records.sort((a, b) => a.installedAt - b.installedAt)) {
      try {
        const source = parsePlugin(record.code, { origin: record.origin, tag: record.tag });
        if (record.alias !== undefined) {
          source.manifest.name = record.alias;
          this.aliases.set(record.id, record.alias);
        }
        const pinned = record.pinned === true;
        this.plugins.set(record.id, { id: record.id, source, pinned });
      } catch (error) {
        onBroken(record, error);
      }
    }
    return [...this.plugins.values()];
  }

  list(): Installed[] {
    return [...this.plugins.values()];
  }

  get(id: string): Installed | undefined {
    return this.plugins.get(id) ?? this.visitors.get(id);
  }

  byName(name: string): Installed | undefined {
    return this.list().find(({ source }) => source.manifest.name === name);
  }

  /**
   * Installs a plugin; one of the same name is replaced and keeps its id, and with it its settings.
   * The version that it replaces can be had again.
   */
  async install(source: PluginSource, wanted: string = newId()): Promise<Installed> {
    const known = this.byName(source.manifest.name);
    if (known && known.source.manifest.version !== source.manifest.version) {
      await this.keep(known.source);
    }
    return this.put({ id: known?.id ?? wanted, source, pinned: known?.pinned === true });
  }

  /** Installs a version beside the one that is here, under a name of its own. */
  async installBeside(source: PluginSource): Promise<Installed> {
    const { name, version } = source.manifest;
    const alias = `${name} ${version}`;
    const own = { ...source, manifest: { ...source.manifest, name: alias } };
    return this.put({ id: this.byName(alias)?.id ?? newId(), source: own }, alias);
  }

  async pin(id: string, pinned: boolean): Promise<Installed | undefined> {
    const known = this.plugins.get(id);
    return known && this.put({ ...known, pinned });
  }

  /** The versions that were replaced, the newest first. */
  async earlier(name: string): Promise<EarlierVersion[]> {
    const all = (await this.replaced?.all()) ?? [];
    return all
      .filter((version) => version.name === name)
      .sort((a, b) => b.replacedAt - a.replacedAt);
  }

  private async put(installed: Installed, alias?: string): Promise<Installed> {
    const { id, source, pinned = false } = installed;
    const { code, origin, tag } = source;
    const name = alias ?? this.aliases.get(id);
    if (name !== undefined) this.aliases.set(id, name);
    const record: PluginRecord = { id, code, origin, tag, installedAt: Date.now(), pinned };
    await this.records.put(id, name === undefined ? record : { ...record, alias: name });
    this.plugins.set(id, installed);
    return installed;
  }

  private async keep({ manifest, code, origin, tag }: PluginSource): Promise<void> {
    const { name, version } = manifest;
    const replacedAt = Date.now();
    await this.replaced?.put([name, version], { name, version, code, origin, tag, replacedAt });
    for (const old of (await this.earlier(name)).slice(EARLIER)) {
      await this.replaced?.delete([name, old.version]);
    }
  }

  /** Knows a plugin as long as the page is open, without installing it: it is found by its id alone. */
  lend(key: string, source: PluginSource): Installed {
    const installed = { id: `page ${key}`, source };
    this.visitors.set(installed.id, installed);
    return installed;
  }

  /** What was lent under that key. */
  lent(key: string): Installed | undefined {
    return this.visitors.get(`page ${key}`);
  }

  async remove(id: string): Promise<void> {
    await this.records.delete(id);
    this.aliases.delete(id);
    this.plugins.delete(id);
  }
}
