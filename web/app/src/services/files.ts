/** Services for files that the user chooses or saves. */
import { codedError } from "../plugins/failure";
import { apiUpTo, nameOf, type Service, type ServiceContext, type Services } from "./desk";

interface Chosen {
  path: string;
  name: string;
  size: number;
  type: string;
  /** The content; read only when it is used. */
  file: File;
}

/** Opens the browser's own file dialog; gives null when the user closes it. */
export type ChooseFiles = (options: {
  multiple: boolean;
  folder: boolean;
}) => Promise<File[] | null>;

export const chooseWithBrowser: ChooseFiles = ({ multiple, folder }) =>
  new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = multiple || folder;
    input.webkitdirectory = folder;
    input.addEventListener("change", () => resolve([...(input.files ?? [])]));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });

/** Offers bytes for saving under a name. */
export type SaveFile = (blob: Blob, name: string) => void;

export const saveWithBrowser: SaveFile = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

function readBlob(content: unknown): Blob {
  if (content instanceof Blob) return content;
  if (typeof content === "string") return new Blob([content], { type: "text/plain" });
  if (content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    return new Blob([content as BlobPart]);
  }
  return new Blob([JSON.stringify(content, null, 2)], { type: "application/json" });
}

// The answer changed with the versions of the api: path only, one object, always a list.
function inVersion(context: ServiceContext, chosen: Chosen[], multiple: boolean): unknown {
  if (!apiUpTo(context, "0.1.7")) return chosen;
  if (apiUpTo(context, "0.1.3")) {
    const paths = chosen.map(({ path }) => path);
    return multiple ? paths : paths[0];
  }
  return multiple ? chosen : (chosen[0] ?? null);
}

function nothingChosen(context: ServiceContext): unknown {
  if (apiUpTo(context, "0.1.3")) throw codedError("rpc.cancelled", "The user chose no file.");
  return apiUpTo(context, "0.1.7") ? null : [];
}

async function showFileDialog(
  context: ServiceContext,
  choose: ChooseFiles,
  given: unknown,
): Promise<unknown> {
  const options = (typeof given === "object" && given !== null ? given : {}) as Record<
    string,
    unknown
  >;
  const folder = options.type === "directory";
  const multiple = String(options.mode ?? "single").includes("multiple");
  const title = typeof options.title === "string" ? options.title : "";
  const what = folder ? "a folder" : multiple ? "files" : "a file";
  // The browser opens its dialog only as the answer to a click of the user.
  const agreed = await context.desk.dialogs.confirm(
    {
      title: title || `${nameOf(context)} asks for ${what}`,
      text: `${nameOf(context)} will be able to read what you choose, and nothing else.`,
      confirm: "Choose…",
    },
    context.caller.plugin.id,
  );
  const files = agreed ? await choose({ multiple, folder }) : null;
  if (!files || files.length === 0) return nothingChosen(context);
  const chosen = files.map((file) => ({
    path: file.webkitRelativePath || file.name,
    name: file.name,
    size: file.size,
    type: file.type,
    file,
  }));
  return inVersion(context, chosen, multiple || folder);
}

export function fileServices(
  choose: ChooseFiles = chooseWithBrowser,
  save: SaveFile = saveWithBrowser,
): Services {
  return {
    showFileDialog: (context, options) => showFileDialog(context, choose, options),
    exportFile: (_, content, name) => {
      const own = typeof File !== "undefined" && content instanceof File ? content.name : null;
      const text = typeof name === "string" && name ? name : (own ?? "file_export");
      save(readBlob(content), text.replace(/[/\\]/g, "_"));
    },
    ...Object.fromEntries(
      ["getFileUrl", "requestUploadUrl"].map((name) => [name, askManager(name)]),
    ),
    getFilePath: (_, given) => {
      const { url } = (typeof given === "object" && given !== null ? given : {}) as {
        url?: unknown;
      };
      return String(url ?? given);
    },
  };
}

/** Asks the file manager that the plugin names, which another plugin has registered. */
function askManager(name: string): Service {
  return (context, given) => {
    const { file_manager, engine } = (given ?? {}) as Record<string, unknown>;
    const key = file_manager ?? engine;
    const manager = context.desk.registry
      .list()
      .find(
        ({ type, value, name: own }) =>
          type === "file-manager" && (value.url === key || own === key),
      );
    const ask = manager?.value[name];
    if (typeof ask === "function") return (ask as (given: unknown) => unknown)(given);
    const cause = "There is no file manager that gives addresses to files.";
    const remedy = "Let the user choose the file with api.showFileDialog, or send its content.";
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  };
}
