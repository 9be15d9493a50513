/** Tables of records in the browser's database; in memory where the browser has none to give. */
import { settled, Transactions } from "./transactions";

export interface Table<T> {
  all(): Promise<T[]>;
  get(key: Key): Promise<T | undefined>;
  put(key: Key, value: T): Promise<void>;
  delete(key: Key): Promise<void>;
  /**
   * Replaces a row by what `make` gives for it, with nobody in between.
   * What `make` throws is thrown, and nothing is changed.
   */
  change(key: Key, make: (value: T | undefined) => T): Promise<void>;
}

/** Lists keep parts apart: `["a", "b/c"]` and `["a/b", "c"]` are different keys. */
export type Key = string | string[];

export interface Database {
  table<T>(name: TableName): Table<T>;
  /** False when nothing will be there after a reload. */
  readonly lasting: boolean;
}

const TABLES = ["plugins", "settings", "workspaces", "history", "blobs", "versions"] as const;
/** Goes up whenever a table is added. */
const VERSION = 2;

export type TableName = (typeof TABLES)[number];

/** Opens the database of that name; never fails, but may be one in memory. */
export async function openDatabase(name: string): Promise<Database> {
  if (typeof indexedDB === "undefined") return memoryDatabase();
  try {
    const open = indexedDB.open(name, VERSION);
    open.onupgradeneeded = () => {
      for (const table of TABLES) {
        if (!open.result.objectStoreNames.contains(table)) open.result.createObjectStore(table);
      }
    };
    const database = await settled(open);
    database.onversionchange = () => database.close();
    const transactions = new Transactions(database);
    return { lasting: true, table: (table) => indexedTable(transactions, table) };
  } catch {
    return memoryDatabase();
  }
}

export function memoryDatabase(): Database {
  const tables = new Map<string, Map<string, unknown>>();
  return {
    lasting: false,
    table: <T>(name: TableName): Table<T> => {
      const rows = (tables.get(name) ?? new Map()) as Map<string, T>;
      tables.set(name, rows);
      return {
        all: async () => structuredClone([...rows.values()]),
        get: async (key) => structuredClone(rows.get(JSON.stringify(key))),
        put: async (key, value) => {
          rows.set(JSON.stringify(key), structuredClone(value));
        },
        delete: async (key) => {
          rows.delete(JSON.stringify(key));
        },
        change: async (key, make) => {
          const name = JSON.stringify(key);
          rows.set(name, structuredClone(make(structuredClone(rows.get(name)))));
        },
      };
    },
  };
}

function indexedTable<T>(transactions: Transactions, name: TableName): Table<T> {
  return {
    all: () =>
      transactions.run(name, "readonly", (rows) => settled(rows.getAll() as IDBRequest<T[]>)),
    get: (key) =>
      transactions.run(name, "readonly", (rows) =>
        settled(rows.get(key) as IDBRequest<T | undefined>),
      ),
    put: async (key, value) => {
      await transactions.put(name, (rows) => rows.put(value, key));
    },
    delete: async (key) => {
      await transactions.put(name, (rows) => rows.delete(key));
    },
    change: (key, make) =>
      transactions.run(name, "readwrite", async (rows) => {
        const value = make((await settled(rows.get(key))) as T | undefined);
        const done = settled(rows.put(value, key));
        rows.transaction.commit?.();
        await done;
      }),
  };
}
