/** A plugin file as a link: its text, compressed, behind the `#`, where no server sees it. */
import { codedError } from "./failure";

export interface SharedFile {
  file: string;
  text: string;
}

/** Name of the parameter that holds the file; `code` is that of signing in. */
const PARAMETER = "shared";
/** Longer links are cut by mail and messengers. */
const LONGEST = 30_000;
/** As large as a plugin file may be; what grows beyond it when it is unpacked was made to do harm. */
const LARGEST = 16 * 1024 * 1024;

/** @throws RpcError plugin.manifest when the file is too long for a link */
export async function linkFor({ file, text }: SharedFile, base: URL): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify({ file, text }));
  const packed = await through(json, new CompressionStream("deflate-raw"), LARGEST);
  const link = new URL(`#/app?${PARAMETER}=${toBase64(packed)}`, base).href;
  if (link.length <= LONGEST) return link;
  const cause = `The link would have ${link.length} characters, which many programs cut.`;
  const remedy = "Save it to a file and send that, or put the file on a web server.";
  throw codedError("plugin.manifest", `${cause} ${remedy}`, { cause, remedy });
}

/** True when the address carries a plugin file. */
export function carriesFile(address: string): boolean {
  return packedIn(address) !== null;
}

/** The file that an address carries. @throws RpcError plugin.manifest when it is damaged */
export async function fileFrom(address: string): Promise<SharedFile> {
  try {
    const packed = fromBase64(packedIn(address) ?? "");
    const json = await through(packed, new DecompressionStream("deflate-raw"), LARGEST);
    const { file, text } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (typeof file !== "string" || typeof text !== "string") throw new Error("no file");
    return { file: plainName(file), text };
  } catch {
    const cause = "The plugin in the link cannot be read: the link is cut or was changed.";
    const remedy = "Ask for the link again, or for the file.";
    throw codedError("plugin.manifest", `${cause} ${remedy}`, { cause, remedy });
  }
}

/** The same address without the file, so that it is opened once. */
export function withoutFile(address: string): string {
  return address
    .replace(new RegExp(`([?&])${PARAMETER}=[\\w-]*&?`), "$1")
    .replace(/(#\/app)?[?&]$/, "");
}

function packedIn(address: string): string | null {
  return new RegExp(`#.*[?&]${PARAMETER}=([\\w-]+)`).exec(address)?.[1] ?? null;
}

/** A name and nothing of a path; its ending decides how the text is read. */
function plainName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const plain = name.replace(/[\u0000-\u001f/\\]/g, "").slice(-100);
  return /\.(imjoy\.html|py|m?js)$/i.test(plain) ? plain : "shared.imjoy.html";
}

async function through(
  data: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([data])
    .stream()
    .pipeThrough(stream as TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>)
    .getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new Error("too large");
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function toBase64(data: Uint8Array): string {
  let text = "";
  for (const byte of data) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}
