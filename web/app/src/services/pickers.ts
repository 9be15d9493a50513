/** The file pickers of newer browsers, for plugins: their frames have none of their own. */
import { codedError } from "../plugins/failure";
import type { Services } from "./desk";
import { asRecord } from "./record";
import {
  type ChooseFiles,
  chooseWithBrowser,
  readBlob,
  type SaveFile,
  saveWithBrowser,
} from "./saving";

export function pickers(
  choose: ChooseFiles = chooseWithBrowser,
  save: SaveFile = saveWithBrowser,
): Services {
  const chosen = async (multiple: boolean, folder: boolean): Promise<File[]> => {
    const files = await choose({ multiple, folder });
    if (files === null) throw codedError("rpc.cancelled", "The user chose no file.");
    return files;
  };
  return {
    "utils.showOpenFilePicker": async (_, options) => {
      const { multiple } = asRecord(options);
      return (await chosen(multiple === true, false)).map(fileHandle);
    },
    "utils.showDirectoryPicker": async () => folderHandle(await chosen(true, true)),
    "utils.showSaveFilePicker": (_, options) => {
      const { suggestedName } = asRecord(options);
      return savedHandle(typeof suggestedName === "string" ? suggestedName : "file_export", save);
    },
  };
}

function fileHandle(file: File): Record<string, unknown> {
  return { kind: "file", name: file.name, getFile: () => file };
}

/** A list in place of an iterator, which cannot be had from another frame. */
function folderHandle(files: File[]): Record<string, unknown> {
  const name = files[0]?.webkitRelativePath?.split("/")[0] ?? "";
  return { kind: "directory", name, values: () => files.map(fileHandle) };
}

/** What is written is offered to the user when it is closed, as a whole. */
function savedHandle(name: string, save: SaveFile): Record<string, unknown> {
  const createWritable = (): Record<string, unknown> => {
    const parts: Blob[] = [];
    return {
      write: (part: unknown) => void parts.push(readBlob(asRecord(part).data ?? part)),
      close: () => save(new Blob(parts), name),
      abort: () => void parts.splice(0),
    };
  };
  return { kind: "file", name, createWritable };
}
