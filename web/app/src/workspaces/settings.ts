/** What users and plugins set, kept for each plugin id apart, or for each workspace. */
import type { Database, Table } from "./database";

/**
 * Answers of the plugin's form and of those of its operations, what these are, what the plugin keeps
 * itself, by the api or in the storage of its frames, and what the user agreed to; what ran is of no plugin;
 * what the user declined is of a workspace.
 */
export type Section =
  | "form"
  | "ops"
  | "offered"
  | "own"
  | "storage"
  | "agreed"
  | "work"
  | "declined";

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

/** Texts that are kept once added, of each plugin or workspace by its id. */
export interface KeptTexts {
  get(id: string): Promise<string[]>;
  add(id: string, texts: string[]): Promise<void>;
}

/** Commands of plugins that the user agreed to run on the computer of the engine. */
export function agreements(settings: Settings): KeptTexts {
  return keptTexts(settings, "agreed", "commands");
}

/** Questions about the plugins of workspaces that the user answered with no. */
export function declinedQuestions(settings: Settings): KeptTexts {
  return keptTexts(settings, "declined", "questions");
}

function keptTexts(settings: Settings, section: Section, name: string): KeptTexts {
  const get = async (id: string): Promise<string[]> => {
    const known = await settings.get(id, section, name);
    return Array.isArray(known) ? known.filter((text) => typeof text === "string") : [];
  };
  return {
    get,
    add: async (id, texts) => {
      const all = new Set([...(await get(id)), ...texts]);
      await settings.set(id, section, name, [...all]);
    },
  };
}
