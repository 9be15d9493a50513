/** What the page does with the files of the engine's machine: list, read, write; long work is a job. */
import type { EngineConnection } from "../engines/connection";
import type { EngineFileActions, FileEntry, FileListing, FilePlace } from "../model";
import { codedError, isCancelled, toFailure } from "../plugins/failure";
import type { Dialogs } from "../workspaces/dialogs";
import type { JobHandle, Jobs } from "../workspaces/jobs";
import { sendFile } from "./send-file";

export interface EngineFileParts {
  engine: Pick<EngineConnection, "call" | "address" | "missing">;
  jobs: Pick<Jobs, "start">;
  dialogs: Pick<Dialogs, "confirm">;
  /** Address of the page, below which those of files lie. */
  base: URL;
  /** Opens files as if they had been dropped on the page. */
  openFiles(files: File[]): Promise<void>;
  storage?: Pick<Storage, "getItem" | "setItem"> | null;
  get?: typeof fetch;
}

const KEY = "imjoy.folder";
/** Milliseconds for a disk that is slow. */
const PATIENCE = 60_000;

export class EngineFiles implements EngineFileActions {
  /** Paths by the addresses that were made for them. */
  private readonly paths = new Map<string, string>();

  constructor(private readonly parts: EngineFileParts) {}

  /** True while there is an engine whose files can be listed. */
  get available(): boolean {
    return this.parts.engine.address !== null;
  }

  /** The address by which plugins know the engine's file manager. */
  get url(): string {
    return this.parts.base.origin;
  }

  get lastFolder(): string | null {
    try {
      return this.storage?.getItem(KEY) ?? null;
    } catch {
      return null;
    }
  }

  set lastFolder(path: string | null) {
    try {
      this.storage?.setItem(KEY, path ?? "");
    } catch {
      // A page without storage forgets it.
    }
  }

  places(): Promise<FilePlace[]> {
    return this.ask("places");
  }

  list(path: string): Promise<FileListing> {
    return this.ask("list", path);
  }

  find(path: string, text: string): Promise<FileListing> {
    return this.ask("find", path, text);
  }

  show(path: string): Promise<FileEntry> {
    return this.ask("show", path);
  }

  makeFolder(path: string): Promise<FileEntry> {
    return this.ask("make_folder", path);
  }

  async remove(path: string): Promise<void> {
    await this.ask("remove", path);
  }

  /** An address that reads a file or folder, for whoever has it, as long as the page is open. */
  async readAddress(path: string): Promise<string> {
    return this.absolute(await this.ask("read_address", path), path);
  }

  /** An address that takes the bytes of a file, by PUT or as a form. */
  async writeAddress(path: string, overwrite: boolean): Promise<string> {
    return this.absolute(await this.ask("write_address", path, overwrite), path);
  }

  /** Waits until the bytes for an address of `writeAddress` are there. */
  async written(address: string, signal: AbortSignal): Promise<{ path: string; size: number }> {
    const { base, engine } = this.parts;
    const below = address.slice(new URL(".", base).href.length);
    return (await engine.call("files.written", [below], { signal })) as {
      path: string;
      size: number;
    };
  }

  /** The path for which an address was made. */
  pathOf(address: string): string | undefined {
    return this.paths.get(address);
  }

  async upload(folder: string, files: File[]): Promise<void> {
    for (const file of files) {
      if (!(await this.uploadOne(`${folder}/${file.name}`, file))) return;
    }
  }

  /** Writes a file, with its progress as a job; false when it was cancelled. */
  uploadOne(path: string, file: Blob, overwrite = false): Promise<boolean> {
    return this.work(`Sending ${nameIn(path)} to the engine`, async (job) => {
      const replace = overwrite || (await this.mayReplace(path));
      if (replace === null) return false;
      await sendFile(await this.writeAddress(path, replace), file, job);
      return true;
    });
  }

  async open(paths: string[]): Promise<void> {
    for (const path of paths) {
      const file = await this.read(path).catch(() => null);
      if (file === null) return;
      await this.parts.openFiles([file]);
    }
  }

  /** The content of a file, with its progress as a job. */
  read(path: string): Promise<File> {
    return this.work(`Reading ${nameIn(path)} from the engine`, async (job) => {
      const { size } = await this.show(path);
      const answer = await (this.parts.get ?? fetch)(await this.readAddress(path), {
        signal: job.signal,
      });
      if (!answer.ok || !answer.body) throw refused(path, answer.status);
      const chunks: BlobPart[] = [];
      let done = 0;
      const reader = answer.body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        chunks.push(part.value as BlobPart);
        done += part.value.byteLength;
        job.update({ done, total: size, unit: "bytes" });
      }
      const type = answer.headers.get("content-type") ?? "";
      return new File(chunks, nameIn(path), type === "application/octet-stream" ? {} : { type });
    });
  }

  /** True when a file is there and may be replaced, false when there is none, null: leave it. */
  private async mayReplace(path: string): Promise<boolean | null> {
    const known = await this.show(path).catch(() => null);
    if (known === null) return false;
    const agreed = await this.parts.dialogs.confirm({
      title: `Replace ${known.name}?`,
      text: `There is a file of that name already: ${path}`,
      confirm: "Replace",
    });
    return agreed ? true : null;
  }

  private get storage(): Pick<Storage, "getItem" | "setItem"> | null {
    if (this.parts.storage !== undefined) return this.parts.storage;
    return typeof localStorage === "undefined" ? null : localStorage;
  }

  private absolute(address: unknown, path: string): string {
    const { href } = new URL(String(address), this.parts.base);
    this.paths.set(href, path);
    return href;
  }

  private async ask<T>(name: string, ...args: unknown[]): Promise<T> {
    const { engine } = this.parts;
    return (await engine.call(`files.${name}`, args, { timeout: PATIENCE })) as T;
  }

  private async work<T>(title: string, run: (job: JobHandle) => Promise<T>): Promise<T> {
    const job = this.parts.jobs.start("", title, title);
    try {
      const result = await run(job);
      job.finish("done");
      return result;
    } catch (error) {
      if (job.signal.aborted || isCancelled(error)) {
        job.finish("cancelled");
        throw codedError("rpc.cancelled", `${title} was cancelled.`);
      }
      job.fail(toFailure(error, title));
      throw error;
    }
  }
}

/** The last part of a path of either kind of system. */
export function nameIn(path: string): string {
  return path.split(/[/\\]/).filter(Boolean).at(-1) ?? path;
}

function refused(path: string, status: number): Error {
  const cause = `The engine answered ${status} for ${path}.`;
  const remedy = "Check that the file is still there and can be read.";
  return codedError("file.failed", `${cause} ${remedy}`, { cause, remedy });
}
