/** Bytes under the hash of what they are: in the browser's files, else in its database, else in memory. */
import type { Database, Table } from "./database";

export interface Blobs {
  has(name: string): Promise<boolean>;
  get(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  delete(name: string): Promise<void>;
  names(): Promise<string[]>;
}

const FOLDER = "imjoy-blobs";

/** The best place that this browser has. */
export async function openBlobs(database: Database): Promise<Blobs> {
  return (await fileBlobs()) ?? tableBlobs(database.table("blobs"));
}

/** In the browser's own files; null where the page has none, as over plain http from another machine. */
async function fileBlobs(): Promise<Blobs | null> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    // Some browsers have the folder but can write to it only in a worker.
    const probe = await folder.getFileHandle("probe", { create: true });
    if (!("createWritable" in probe)) return null;
    await folder.removeEntry("probe");
    return inFolder(folder);
  } catch {
    return null;
  }
}

function inFolder(folder: FileSystemDirectoryHandle): Blobs {
  const file = async (name: string): Promise<File | null> => {
    try {
      const found = await (await folder.getFileHandle(name)).getFile();
      // One that is empty was begun by a page that was left before it had written it.
      return found.size > 0 ? found : null;
    } catch {
      return null;
    }
  };
  return {
    has: async (name) => (await file(name)) !== null,
    get: async (name) => {
      const found = await file(name);
      return found ? new Uint8Array(await found.arrayBuffer()) : null;
    },
    put: async (name, bytes) => {
      const handle = await folder.getFileHandle(name, { create: true });
      // The file has its new content only once it is closed, so a crash leaves none that is half written.
      const writer = await handle.createWritable();
      await writer.write(bytes);
      await writer.close();
    },
    delete: async (name) => {
      await folder.removeEntry(name).catch(() => undefined);
    },
    names: async () => {
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      return names;
    },
  };
}

export function tableBlobs(table: Table<{ name: string; bytes: Uint8Array<ArrayBuffer> }>): Blobs {
  return {
    has: async (name) => (await table.get(name)) !== undefined,
    get: async (name) => (await table.get(name))?.bytes ?? null,
    put: (name, bytes) => table.put(name, { name, bytes }),
    delete: (name) => table.delete(name),
    names: async () => (await table.all()).map(({ name }) => name),
  };
}
