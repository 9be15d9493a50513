/** Opens an image file in a worker, so that a big or broken file never stops the page. */
import { NdArray } from "@imjoy/rpc";
import type { ImageData_ } from "../model";
import { decodeImage, toDataError } from "./decode";
import type { DecodedImage } from "./decoded";
import { DataError } from "./errors";
import type { WorkerAnswer } from "./worker";

/** Raises DataError (code data.unreadable) when the file cannot be opened; an aborted `signal` gives its reason. */
export async function readImage(
  file: File,
  signal?: AbortSignal,
): Promise<{ name: string; image: ImageData_ }> {
  signal?.throwIfAborted();
  const decoded = (await decodeInWorker(file, signal)) ?? (await decodeHere(file));
  const { data, shape, dtype, axes, channelNames, info } = decoded;
  const image: ImageData_ = { array: new NdArray(data, shape, dtype), axes, info };
  if (channelNames) image.channelNames = channelNames;
  return { name: file.name, image };
}

async function decodeHere(file: File): Promise<DecodedImage> {
  try {
    return await decodeImage(file);
  } catch (error) {
    throw toDataError(error);
  }
}

/** null where there are no workers, or where the browser does not let the page start one. */
async function decodeInWorker(file: File, signal?: AbortSignal): Promise<DecodedImage | null> {
  if (typeof Worker !== "function") return null;
  let worker: Worker;
  try {
    worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  } catch {
    return null;
  }
  try {
    const answer = await answerOf(worker, file, signal);
    if (answer === null) return null;
    if ("error" in answer) {
      const { step, cause, remedy } = answer.error;
      throw new DataError(step, cause, remedy);
    }
    return answer.image;
  } finally {
    // One worker for each file: it takes its memory with it, and ending it is how reading is cancelled.
    worker.terminate();
  }
}

function answerOf(worker: Worker, file: File, signal?: AbortSignal): Promise<WorkerAnswer | null> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const settle = (answer: WorkerAnswer | null): void => {
      signal?.removeEventListener("abort", onAbort);
      resolve(answer);
    };
    worker.onmessage = (event: MessageEvent<WorkerAnswer>) => settle(event.data);
    // An event without a message: the worker's script could not be loaded at all.
    worker.onerror = ({ message }) => settle(message ? { error: toDataError(message) } : null);
    worker.onmessageerror = () => settle(null);
    worker.postMessage({ file });
  });
}
