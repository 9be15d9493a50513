/** The data worker: decodes one file off the page's thread and hands the pixels over without a copy. */

import { decodeImage, toDataError } from "./decode";
import type { DecodedImage } from "./decoded";

/** What the worker answers. */
export type WorkerAnswer =
  | { image: DecodedImage }
  | { error: { step: string; cause: string; remedy: string } };

interface WorkerScope {
  onmessage: ((event: MessageEvent<{ file: Blob }>) => void) | null;
  postMessage(message: WorkerAnswer, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { file } }) => {
  try {
    const image = await decodeImage(file);
    scope.postMessage({ image }, [image.data.buffer as ArrayBuffer]);
  } catch (error) {
    const { step, cause, remedy } = toDataError(error);
    scope.postMessage({ error: { step, cause, remedy } });
  }
};
