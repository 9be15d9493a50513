/** What users and plugins set, kept for each plugin id apart. */
import type { Database, Table } from "./database";

/**
 * Answers of the plugin's form and of those of its operations, what these are, what the plugin keeps
 * itself, by the api or in the storage of its frames, and what the user agreed to; what ran is of no plugin.
 */
export type Section = "form" | "ops" | "offered" | "own" | "storage" | "agreed" | "work";

interface Setting {
  plugin: string;
  section: Section;
  name: string;
  value: unknown;
}

export class Settings {
  private readonly table: Table<Setting>;

  constructor(database: Database) {
    this.table = database.table<Setting>("settings");
  }

  async get(plugin: string, section: Section, name: string): Promise<unknown> {
    return (await this.table.get([plugin, section, name]))?.value;
  }

  async set(plugin: string, section: Section, name: string, value: unknown): Promise<void> {
    const key = [plugin, section, name];
    if (value === undefined || value === null) await this.table.delete(key);
    else await this.table.put(key, { plugin, section, name, value });
  }

  /** All values of one section of a plugin by name. */
  async all(plugin: string, section: Section): Promise<Record<string, unknown>> {
    const settings = await this.table.all();
    return Object.fromEntries(
      settings
        .filter((setting) => setting.plugin === plugin && setting.section === section)
        .map(({ name, value }) => [name, value]),
    );
  }

  async forget(plugin: string): Promise<void> {
    const settings = await this.table.all();
    for (const setting of settings.filter((entry) => entry.plugin === plugin)) {
      await this.table.delete([setting.plugin, setting.section, setting.name]);
    }
  }
}

/** Commands of plugins that the user agreed to run on the computer of the engine. */
export interface Agreements {
  get(plugin: string): Promise<string[]>;
  add(plugin: string, commands: string[]): Promise<void>;
}

export function agreements(settings: Settings): Agreements {
  const get = async (plugin: string): Promise<string[]> => {
    const known = await settings.get(plugin, "agreed", "commands");
    return Array.isArray(known) ? known.filter((text) => typeof text === "string") : [];
  };
  return {
    get,
    add: async (plugin, commands) => {
      const all = new Set([...(await get(plugin)), ...commands]);
      await settings.set(plugin, "agreed", "commands", [...all]);
    },
  };
}
