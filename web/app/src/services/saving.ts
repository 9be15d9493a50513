/** Files that leave the page by the browser, and files that come in by its own dialog. */

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

/** Whatever a plugin gave as the content of a file. */
export function readBlob(content: unknown): Blob {
  if (content instanceof Blob) return content;
  if (typeof content === "string") return new Blob([content], { type: "text/plain" });
  if (content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    return new Blob([content as BlobPart]);
  }
  return new Blob([JSON.stringify(content, null, 2)], { type: "application/json" });
}
