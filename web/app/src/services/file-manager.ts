/** The file manager of the engine as plugins see it; what they may use is for the user to say. */
import { codedError } from "../plugins/failure";
import type { ServiceContext } from "./desk";
import type { FilePermits } from "./file-permits";
import { readBlob } from "./saving";

type Manager = Record<string, unknown>;

export function engineFileManager(
  context: ServiceContext,
  permits: FilePermits,
  showFileDialog: (options: unknown) => Promise<unknown>,
): Manager {
  const { files, dialogs } = context.desk;
  const permitted = async (given: unknown, what: "read" | "write"): Promise<string> => {
    const path = pathIn(given);
    await permits.check(context, path, what);
    return path;
  };
  return {
    name: "Engine",
    url: files.url,
    heartbeat: () => files.available,
    showFileDialog,
    listFiles: async (root: unknown) => listed(await files.list(await permitted(root, "read"))),
    getFileUrl: async (given: unknown) => files.readAddress(await permitted(given, "read")),
    getFile: async (path: unknown) => files.read(await permitted(path, "read")),
    requestUploadUrl: async (given: unknown) => {
      const { overwrite } = asRecord(given);
      return files.writeAddress(await permitted(given, "write"), overwrite === true);
    },
    putFile: async (file: unknown, path: unknown) => {
      const name = file instanceof File ? file.name : "";
      const to = await permitted(path ?? name, "write");
      await files.uploadOne(to, readBlob(file));
      return to;
    },
    createFolder: async (path: unknown) => files.makeFolder(await permitted(path, "write")),
    removeFile: async (given: unknown) => {
      const path = await permitted(given, "write");
      const question = {
        title: "Remove a file of the engine?",
        text: `${context.caller.plugin.source.manifest.name} wants to remove ${path} for good.`,
        confirm: "Remove",
      };
      const agreed = await dialogs.confirm(question, context.caller.plugin.id);
      if (agreed) await files.remove(path);
      return agreed;
    },
  };
}

/** A folder in the form of the first engines. */
function listed({ path, entries }: Awaited<ReturnType<ServiceContext["desk"]["files"]["list"]>>) {
  const children = entries.map((entry) => ({
    ...entry,
    type: entry.type === "folder" ? "dir" : "file",
  }));
  const name = path.split("/").at(-1) ?? path;
  return { success: true, path, name, type: "dir", sep: "/", children };
}

/** The path in `path`, `{path}` or `{dir, path}`. */
function pathIn(given: unknown): string {
  const { path, dir } = asRecord(given);
  const wanted = typeof given === "string" ? given : path;
  if (typeof wanted !== "string" || wanted === "") {
    const cause = "The plugin did not say which file.";
    const remedy = "Give its path, as in {path: '/data/image.tif'}.";
    throw codedError("plugin.error", `${cause} ${remedy}`, { cause, remedy });
  }
  return typeof dir === "string" && dir !== "" ? `${dir.replace(/\/$/, "")}/${wanted}` : wanted;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
