/** Text files of the user's computer: chosen and written back where the browser can, else downloaded. */
import { type ChooseFiles, chooseWithBrowser, type SaveFile, saveWithBrowser } from "./saving";

/** The part of the browser's file system access that is used here. */
interface Pickers {
  showOpenFilePicker?(options: object): Promise<FileSystemFileHandle[]>;
  showSaveFilePicker?(options: object): Promise<FileSystemFileHandle>;
}

export interface OpenedFile {
  name: string;
  text: string;
  /** Lets the file be written again; null where the browser gives none. */
  handle: FileSystemFileHandle | null;
}

const TYPES = [
  {
    description: "ImJoy plugin",
    accept: {
      "text/html": [".html"],
      "text/javascript": [".mjs", ".js"],
      "text/x-python": [".py"],
    },
  },
];

export class ComputerFiles {
  constructor(
    private readonly choose: ChooseFiles = chooseWithBrowser,
    private readonly download: SaveFile = saveWithBrowser,
    private readonly pickers: Pickers = globalThis as Pickers,
  ) {}

  /** The file that the user chooses; null when none. */
  async open(): Promise<OpenedFile | null> {
    if (!this.pickers.showOpenFilePicker) {
      const file = (await this.choose({ multiple: false, folder: false }))?.[0];
      return file ? { name: file.name, text: await file.text(), handle: null } : null;
    }
    const handles = await unlessCancelled(this.pickers.showOpenFilePicker({ types: TYPES }));
    const handle = handles?.[0];
    if (!handle) return null;
    return { name: handle.name, text: await (await handle.getFile()).text(), handle };
  }

  /**
   * Writes the text into the file of the handle, or into one that the user chooses.
   * @returns the handle, null when the browser downloads it, or undefined when the user chose none
   */
  async save(
    name: string,
    text: string,
    known: FileSystemFileHandle | null,
  ): Promise<FileSystemFileHandle | null | undefined> {
    if (!known && !this.pickers.showSaveFilePicker) {
      this.download(new Blob([text], { type: "text/plain" }), name);
      return null;
    }
    const handle = known ?? (await this.ask(name));
    if (!handle) return undefined;
    const stream = await handle.createWritable();
    await stream.write(text);
    await stream.close();
    return handle;
  }

  private async ask(name: string): Promise<FileSystemFileHandle | undefined> {
    const asked = this.pickers.showSaveFilePicker?.({ suggestedName: name, types: TYPES });
    return asked && (await unlessCancelled(asked));
  }
}

/** With the actions of the browser that the page was given. */
export function computerFiles(
  actions: { choose?: ChooseFiles; save?: SaveFile } = {},
): ComputerFiles {
  return new ComputerFiles(actions.choose, actions.save);
}

async function unlessCancelled<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    throw error;
  }
}
