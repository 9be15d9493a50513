/** Functions of earlier versions that move files over the network: from the plugin's own frame, under its policy. */

interface Transfer {
  url: string;
  file?: unknown;
  method?: string;
  headers?: Record<string, string>;
  responseType?: string;
  progress?: (value: { loaded: number; total: number }) => void;
}

export async function downloadFileFromUrl(given: Transfer): Promise<unknown> {
  const { url, method = "GET", headers = {}, responseType = "arraybuffer", progress } = given;
  const answer = checked(await fetch(url, { method, headers }), url);
  const blob = await answer.blob();
  progress?.({ loaded: blob.size, total: blob.size });
  if (responseType === "blob") return blob;
  if (responseType === "text") return blob.text();
  if (responseType === "json") return JSON.parse(await blob.text());
  return blob.arrayBuffer();
}

export async function uploadFileToUrl(given: Transfer): Promise<unknown> {
  const { url, file, headers = {}, progress } = given;
  const blob = file instanceof Blob ? file : new Blob([String(file)]);
  const body = new FormData();
  body.append("file", blob, file instanceof File ? file.name : "file");
  const answer = checked(await fetch(url, { method: "POST", headers, body }), url);
  progress?.({ loaded: blob.size, total: blob.size });
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function checked(answer: Response, url: string): Response {
  if (answer.ok) return answer;
  throw new Error(`The server answered ${answer.status} for ${url}.`);
}

/** Gives the files of this computer that the user chose an address in this frame, as those of the engine have one. */
export function withAddresses(answer: unknown): unknown {
  for (const chosen of Array.isArray(answer) ? answer : [answer]) {
    const { file, url } = (chosen ?? {}) as { file?: unknown; url?: unknown };
    if (file instanceof Blob && url === undefined) chosen.url = URL.createObjectURL(file);
  }
  return answer;
}
