/** Reads images from files and addresses with the reader of the data room. */
import type { ImageData_ } from "../model";
import { codedError } from "../plugins/failure";
import type { ImageReaders } from "./image-value";

interface Opened {
  name: string;
  image: ImageData_;
}

/** The readers that the workbench uses, out of the one function that opens a file. */
export function imageReaders(read: (file: File) => Promise<Opened | Opened[]>): ImageReaders {
  const readImage = async (file: File): Promise<Opened[]> => {
    const opened = await read(file);
    return Array.isArray(opened) ? opened : [opened];
  };
  return { readImage, readImageUrl: async (url) => readImage(await fetchFile(url)) };
}

/** A file at an address. @throws RpcError data.unreadable */
export async function fetchFile(url: string): Promise<File> {
  const name =
    decodeURIComponent(
      url
        .replace(/[?#].*$/, "")
        .split("/")
        .at(-1) ?? "",
    ) || "image";
  const response = await fetch(url).catch(() => null);
  if (response?.ok) {
    const blob = await response.blob();
    return new File([blob], name, { type: blob.type });
  }
  const cause = response
    ? `The server answered ${response.status} for ${url}.`
    : `${url} could not be fetched.`;
  const remedy = "Check your connection and the address, then try again.";
  throw codedError("data.unreadable", `${cause} ${remedy}`, { cause, remedy });
}
