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
}

export interface Installed {
  id: string;
  source: PluginSource;
}

/** Knows every installed plugin by id and by name; names are unique. */
export class Catalog {
  private readonly plugins = new Map<string, Installed>();
  private readonly visitors = new Map<string, Installed>();
  constructor(private readonly records: Records<PluginRecord>) {}

  /** Reads what was installed before; a record that can no longer be parsed is reported, not lost. */
  async load(onBroken: (record: PluginRecord, error: unknown) => void): Promise<Installed[]> {
    const records = await this.records.all();
    for (const record of records.sort((a, b) => a.installedAt - b.installedAt)) {
      try {
        const source = parsePlugin(record.code, { origin: record.origin, tag: record.tag });
        this.plugins.set(record.id, { id: record.id, source });
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

  /** Installs a plugin; one of the same name is replaced and keeps its id, and with it its settings. */
  async install(source: PluginSource, wanted: string = newId()): Promise<Installed> {
    const id = this.byName(source.manifest.name)?.id ?? wanted;
    const { code, origin, tag } = source;
    await this.records.put(id, { id, code, origin, tag, installedAt: Date.now() });
    const installed = { id, source };
    this.plugins.set(id, installed);
    return installed;
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
    this.plugins.delete(id);
  }
}
