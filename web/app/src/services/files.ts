/** Services for files that the user chooses or saves, in the browser and on the engine. */
import type { FileAnswer, FileEntry } from "../model";
import { codedError } from "../plugins/failure";
import { apiUpTo, nameOf, type Service, type ServiceContext, type Services } from "./desk";
import { engineFileManager } from "./file-manager";
import { FilePermits } from "./file-permits";
import {
  type ChooseFiles,
  chooseWithBrowser,
  readBlob,
  type SaveFile,
  saveWithBrowser,
} from "./saving";

interface Chosen {
  path: string;
  name: string;
  size: number;
  type: string;
  /** The content; read only when it is used. Of files of this computer. */
  file?: File;
  /** Of files of the engine: where a plugin reads it, as long as the page is open. */
  url?: string;
  file_manager?: string;
}

interface Options {
  folder: boolean;
  multiple: boolean;
  title: string;
  root: string | null;
  asUrl: boolean;
  /** Versions that gave a path gave more to who asked for it. */
  asObject: boolean;
}

function readOptions(given: unknown): Options {
  const { type, mode, title, root, uri_type, return_object } = asRecord(given);
  return {
    folder: type === "directory",
    multiple: String(mode ?? "single").includes("multiple"),
    title: typeof title === "string" ? title : "",
    root: typeof root === "string" && root !== "" ? root : null,
    asUrl: uri_type === "url",
    asObject: return_object === true,
  };
}

// The answer changed with the versions of the api: path only, one object, always a list.
function inVersion(context: ServiceContext, chosen: Chosen[], options: Options): unknown {
  const { asUrl, asObject, folder } = options;
  if (!apiUpTo(context, "0.1.7")) return chosen;
  const many = options.multiple || (folder && chosen[0]?.file !== undefined);
  const old = chosen.map((one) => {
    if (apiUpTo(context, "0.1.3") && !asObject) return asUrl ? (one.url ?? one.path) : one.path;
    return asUrl && one.url ? { ...one, type: "imjoy/url" } : one;
  });
  return many ? old : (old[0] ?? null);
}

function nothingChosen(context: ServiceContext): unknown {
  if (apiUpTo(context, "0.1.3")) throw codedError("rpc.cancelled", "The user chose no file.");
  return apiUpTo(context, "0.1.7") ? null : [];
}

/** What a plugin gets of the files of the page's own computer. */
function fromBrowser(files: File[]): Chosen[] {
  return files.map((file) => ({
    path: file.webkitRelativePath || file.name,
    name: file.name,
    size: file.size,
    type: file.type,
    file,
  }));
}

async function fromEngine({ desk }: ServiceContext, entries: FileEntry[]): Promise<Chosen[]> {
  const { files } = desk;
  return Promise.all(
    entries.map(async ({ path, name, size, type }) => ({
      path,
      name,
      size,
      type: type === "folder" ? "directory" : "file",
      url: await files.readAddress(path),
      file_manager: files.url,
    })),
  );
}

/** The functions that choose; they share what each plugin was given. */
class FileChooser {
  private readonly permits = new FilePermits();

  constructor(private readonly choose: ChooseFiles) {}

  showFileDialog: Service = async (context, given) => {
    const manager = this.managerOf(context, given);
    const show = manager?.showFileDialog;
    if (typeof show === "function") return (show as (given: unknown) => unknown)(given);
    return this.ask(context, given);
  };

  getFileManager: Service = (context, wanted) => {
    const key = typeof wanted === "string" ? wanted : (asRecord(wanted).url ?? "");
    const found = key === "" ? this.ownManager(context) : this.managerFor(context, key);
    if (found) return found;
    const cause = `There is no file manager "${String(key)}".`;
    const remedy = "Start the plugin that registers it, or connect an engine.";
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  };

  /** Passes a call on to the file manager that the plugin names, else to that of the engine. */
  asking(name: string): Service {
    return (context, given) => {
      const manager = this.managerOf(context, given) ?? this.ownManager(context);
      const ask = manager?.[name];
      if (typeof ask === "function") return (ask as (given: unknown) => unknown)(given);
      const cause = "There is no file manager that gives addresses to files.";
      const remedy = "Let the user choose the file with api.showFileDialog, or send its content.";
      throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
    };
  }

  /** Asks the user, by the page's own dialog when there is an engine, else by the browser's. */
  private async ask(context: ServiceContext, given: unknown): Promise<unknown> {
    const options = readOptions(given);
    const answer = context.desk.files.available
      ? await this.askWithEngine(context, options)
      : await this.askInBrowser(context, options);
    const isEmpty =
      !answer || (answer.from === "browser" ? answer.files : answer.entries).length === 0;
    if (isEmpty) return nothingChosen(context);
    if (answer.from === "browser") return inVersion(context, fromBrowser(answer.files), options);
    // Who chooses a folder for a plugin lets it write there too.
    for (const { path, type } of answer.entries) {
      this.permits.add(context, path, type === "folder" ? "write" : "read");
    }
    return inVersion(context, await fromEngine(context, answer.entries), options);
  }

  private askWithEngine(context: ServiceContext, options: Options): Promise<FileAnswer | null> {
    const { folder, multiple, root, title } = options;
    return context.desk.dialogs.files(
      {
        title: title || titleFor(context, options),
        text: `${nameOf(context)} will be able to use what you choose, and nothing else.`,
        question: { folder, multiple, root },
      },
      context.caller.plugin.id,
    );
  }

  private async askInBrowser(
    context: ServiceContext,
    options: Options,
  ): Promise<FileAnswer | null> {
    // The browser opens its dialog only as the answer to a click of the user.
    const agreed = await context.desk.dialogs.confirm(
      {
        title: options.title || titleFor(context, options),
        text: `${nameOf(context)} will be able to read what you choose, and nothing else.`,
        confirm: "Choose…",
      },
      context.caller.plugin.id,
    );
    const files = agreed ? await this.choose(options) : null;
    return files && { from: "browser", files };
  }

  /** The file manager that is named in the options of a call; undefined when none is. */
  private managerOf(context: ServiceContext, given: unknown): Record<string, unknown> | undefined {
    const { file_manager, engine } = asRecord(given);
    const key = file_manager ?? engine;
    return key === undefined || key === null ? undefined : this.managerFor(context, key);
  }

  private managerFor(context: ServiceContext, key: unknown): Record<string, unknown> | undefined {
    // First, so that no plugin can pass itself off as the engine.
    const { files, registry } = context.desk;
    if (typeof key === "string" && key.replace(/\/$/, "") === files.url) {
      return this.ownManager(context);
    }
    const fits = (value: unknown, name: string): boolean => value === key || name === key;
    return registry
      .list()
      .find(({ type, value, name }) => type === "file-manager" && fits(value.url, name))?.value;
  }

  private ownManager(context: ServiceContext): Record<string, unknown> | undefined {
    if (!context.desk.files.available) return undefined;
    return engineFileManager(context, this.permits, (options) => this.ask(context, options));
  }
}

function titleFor(context: ServiceContext, { folder, multiple }: Options): string {
  return `${nameOf(context)} asks for ${folder ? "a folder" : multiple ? "files" : "a file"}`;
}

export function fileServices(
  choose: ChooseFiles = chooseWithBrowser,
  save: SaveFile = saveWithBrowser,
): Services {
  const chooser = new FileChooser(choose);
  return {
    showFileDialog: chooser.showFileDialog,
    getFileManager: chooser.getFileManager,
    exportFile: (_, content, name) => {
      const own = typeof File !== "undefined" && content instanceof File ? content.name : null;
      const text = typeof name === "string" && name ? name : (own ?? "file_export");
      save(readBlob(content), text.replace(/[/\\]/g, "_"));
    },
    getFileUrl: chooser.asking("getFileUrl"),
    requestUploadUrl: chooser.asking("requestUploadUrl"),
    getFilePath: ({ desk }, given) => {
      const url = String(asRecord(given).url ?? given);
      return desk.files.pathOf(url) ?? url;
    },
    waitForUpload: ({ desk, signal }, given) => {
      const url = String(asRecord(given).url ?? given);
      if (desk.files.pathOf(url) !== undefined) return desk.files.written(url, signal);
      const cause = `${url} is no address that api.requestUploadUrl gave.`;
      const remedy = "Ask for one first, and wait for what is sent to it.";
      throw codedError("plugin.error", `${cause} ${remedy}`, { cause, remedy });
    },
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
