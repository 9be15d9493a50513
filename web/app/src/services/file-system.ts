/** Services `fs.*`: a small file system that plugins share; `/home` is kept, all else goes with the page. */
import { codedError } from "../plugins/failure";
import type { Settings } from "../workspaces/settings";
import type { Desk, Services } from "./desk";

type Content = string | ArrayBuffer;

interface Entry {
  /** Null for a folder. */
  content: Content | null;
  time: number;
}

/** Under which the kept files are in the settings; plugins have random ids. */
const OWNER = "shared files";
const KEPT = "/home";

export class FileSystem {
  private readonly entries = new Map<string, Entry>();
  private loaded: Promise<void> | null = null;

  constructor(private readonly settings: Settings) {
    for (const folder of ["/", "/tmp", KEPT]) this.entries.set(folder, { content: null, time: 0 });
  }

  async read(path: unknown): Promise<Content> {
    const entry = await this.need(path);
    if (entry.content === null) throw failed("EISDIR", path, "it is a folder");
    return entry.content;
  }

  async write(path: unknown, content: Content): Promise<void> {
    await this.load();
    const name = normal(path);
    if (this.entries.get(name)?.content === null) throw failed("EISDIR", path, "it is a folder");
    if (this.entries.get(parentOf(name))?.content !== null) {
      throw failed("ENOENT", path, "there is no such folder");
    }
    await this.put(name, { content, time: Date.now() });
  }

  async makeFolder(path: unknown): Promise<void> {
    await this.load();
    const name = normal(path);
    if (this.entries.has(name)) throw failed("EEXIST", path, "it is there already");
    if (this.entries.get(parentOf(name))?.content !== null) {
      throw failed("ENOENT", path, "there is no such folder");
    }
    await this.put(name, { content: null, time: Date.now() });
  }

  async list(path: unknown): Promise<string[]> {
    const entry = await this.need(path);
    if (entry.content !== null) throw failed("ENOTDIR", path, "it is no folder");
    const folder = normal(path);
    return [...this.entries.keys()]
      .filter((name) => name !== "/" && parentOf(name) === folder)
      .map((name) => name.slice(name.lastIndexOf("/") + 1))
      .sort();
  }

  async remove(path: unknown, folder: boolean): Promise<void> {
    const entry = await this.need(path);
    if ((entry.content === null) !== folder) {
      throw failed(
        folder ? "ENOTDIR" : "EISDIR",
        path,
        folder ? "it is no folder" : "it is a folder",
      );
    }
    if (folder && (await this.list(path)).length > 0) {
      throw failed("ENOTEMPTY", path, "it is not empty");
    }
    await this.put(normal(path), null);
  }

  async rename(from: unknown, to: unknown): Promise<void> {
    const content = await this.read(from);
    await this.write(to, content);
    await this.remove(from, false);
  }

  async exists(path: unknown): Promise<boolean> {
    await this.load();
    return this.entries.has(normal(path));
  }

  async stat(path: unknown): Promise<Record<string, unknown>> {
    const { content, time } = await this.need(path);
    const size = typeof content === "string" ? content.length : (content?.byteLength ?? 0);
    return { type: content === null ? "directory" : "file", size, mtime: new Date(time) };
  }

  private async need(path: unknown): Promise<Entry> {
    await this.load();
    const entry = this.entries.get(normal(path));
    if (!entry) throw failed("ENOENT", path, "there is no such file or folder");
    return entry;
  }

  private async put(name: string, entry: Entry | null): Promise<void> {
    if (entry) this.entries.set(name, entry);
    else this.entries.delete(name);
    if (name.startsWith(`${KEPT}/`)) await this.settings.set(OWNER, "own", name, entry);
  }

  private load(): Promise<void> {
    this.loaded ??= this.settings.all(OWNER, "own").then((kept) => {
      for (const [name, entry] of Object.entries(kept)) this.entries.set(name, entry as Entry);
    });
    return this.loaded;
  }
}

const systems = new WeakMap<Settings, FileSystem>();

/** The one file system of a workbench. */
export function fileSystemOf({ settings }: Pick<Desk, "settings">): FileSystem {
  const known = systems.get(settings) ?? new FileSystem(settings);
  systems.set(settings, known);
  return known;
}

export const fileSystem: Services = {
  "fs.readFile": async ({ desk }, path, options) => {
    const content = await fileSystemOf(desk).read(path);
    const encoding = typeof options === "string" ? options : asRecord(options).encoding;
    if (!encoding) {
      return typeof content === "string"
        ? new TextEncoder().encode(content)
        : new Uint8Array(content);
    }
    return typeof content === "string" ? content : new TextDecoder().decode(content);
  },
  "fs.writeFile": ({ desk }, path, content) => fileSystemOf(desk).write(path, contentOf(content)),
  "fs.appendFile": async ({ desk }, path, content) => {
    const files = fileSystemOf(desk);
    const before = (await files.exists(path)) ? await files.read(path) : "";
    const parts = new Blob([before, contentOf(content)]);
    await files.write(
      path,
      typeof before === "string" ? await parts.text() : await parts.arrayBuffer(),
    );
  },
  "fs.mkdir": ({ desk }, path) => fileSystemOf(desk).makeFolder(path),
  "fs.readdir": ({ desk }, path) => fileSystemOf(desk).list(path),
  "fs.exists": ({ desk }, path) => fileSystemOf(desk).exists(path),
  "fs.stat": ({ desk }, path) => fileSystemOf(desk).stat(path),
  "fs.unlink": ({ desk }, path) => fileSystemOf(desk).remove(path, false),
  "fs.rmdir": ({ desk }, path) => fileSystemOf(desk).remove(path, true),
  "fs.rename": ({ desk }, from, to) => fileSystemOf(desk).rename(from, to),
};

function contentOf(value: unknown): Content {
  if (value instanceof ArrayBuffer) return value;
  if (ArrayBuffer.isView(value)) {
    return value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer;
  }
  return String(value);
}

/** `/a//b/../c/` is `/a/c`; nothing leads above the root. */
function normal(path: unknown): string {
  const parts: string[] = [];
  for (const part of String(path).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(1, name.lastIndexOf("/")));
}

function failed(code: string, path: unknown, why: string): Error {
  return codedError("plugin.error", `${code}: ${String(path)} cannot be used: ${why}.`);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
