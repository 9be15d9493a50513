/** Sends the bytes of a file to an address, telling how far it is; only XMLHttpRequest can do that. */
import { codedError } from "../plugins/failure";
import type { JobHandle } from "../workspaces/jobs";

export function sendFile(
  address: string,
  file: Blob,
  { signal, update }: Pick<JobHandle, "signal" | "update">,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const cancel = (): void => request.abort();
    signal.addEventListener("abort", cancel);
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      update({ done: loaded, total, unit: "bytes" }),
    );
    request.addEventListener("loadend", () => {
      signal.removeEventListener("abort", cancel);
      if (request.status === 200) resolve();
      else if (signal.aborted) reject(codedError("rpc.cancelled", "It was cancelled."));
      else reject(failure(request));
    });
    request.open("PUT", address);
    request.send(file);
    if (signal.aborted) request.abort();
  });
}

function failure({ status, responseText }: XMLHttpRequest): Error {
  const remedy = "Check the connection to the engine and its disk, then send it again.";
  let cause = status === 0 ? "The connection was lost." : `The engine answered ${status}.`;
  let code = "file.failed";
  try {
    const said = JSON.parse(responseText) as { code?: unknown; message?: unknown };
    cause = String(said.message ?? cause);
    code = String(said.code ?? code);
  } catch {
    // It said nothing that can be read.
  }
  return codedError(code, cause, { cause, remedy });
}
