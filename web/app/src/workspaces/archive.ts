/** A workspace as one file: a zip with its record, its plugins and, when wanted, its data. */
import type { EditorContent, WorkspaceContent, WorkspaceRecord } from "../model";
import { codedError } from "../plugins/failure";
import type { Blobs } from "./blobs";
import { hashOf } from "./image-bytes";
import { blobsOf } from "./workspace-store";

const RECORD = "workspace.json";
const DATA = "data/";
const FORMAT = "imjoy-workspace";

/** @param data false leaves the images out; where they came from stays in it */
export async function packWorkspace(
  record: WorkspaceRecord,
  blobs: Blobs,
  data: boolean,
): Promise<Blob> {
  const { name, picture, content } = record;
  const text = JSON.stringify({ format: FORMAT, version: 1, name, picture, content }, null, 1);
  const files: Record<string, Uint8Array> = { [RECORD]: new TextEncoder().encode(text) };
  for (const blob of blobsOf(content)) {
    if (!data && !blob.startsWith("plugin-")) continue;
    const bytes = await blobs.get(blob);
    if (bytes) files[DATA + blob] = bytes;
  }
  const { zip } = await import("fflate");
  const packed = await new Promise<Uint8Array>((resolve, reject) =>
    zip(files, { level: 3 }, (error, result) => (error ? reject(error) : resolve(result))),
  );
  return new Blob([packed as Uint8Array<ArrayBuffer>], { type: "application/zip" });
}

/** Reads such a file and keeps its data. Bytes that are not what their name says are refused. */
export async function unpackWorkspace(
  file: Blob,
  blobs: Blobs,
): Promise<{ name: string; content: WorkspaceContent }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { unzip } = await import("fflate");
  const files = await new Promise<Record<string, Uint8Array>>((resolve, reject) =>
    unzip(bytes, (error, result) => (error ? reject(error) : resolve(result))),
  ).catch(() => ({}) as Record<string, Uint8Array>);
  const text = files[RECORD];
  if (!text) throw notOne("It holds no workspace.");
  const record = readRecord(new TextDecoder().decode(text));
  for (const [path, part] of Object.entries(files)) {
    if (!path.startsWith(DATA)) continue;
    const name = path.slice(DATA.length);
    const whole = new Uint8Array(part) as Uint8Array<ArrayBuffer>;
    if ((await hashOf(whole)) !== name.replace(/^plugin-/, "")) {
      throw notOne("Its data were changed after it was written.");
    }
    if (!(await blobs.has(name))) await blobs.put(name, whole);
  }
  return record;
}

function readRecord(text: string): { name: string; content: WorkspaceContent } {
  let read: { format?: unknown; version?: unknown; name?: unknown; content?: unknown } = {};
  try {
    read = JSON.parse(text);
  } catch {
    throw notOne("Its record cannot be read.");
  }
  if (read.format !== FORMAT) throw notOne("It holds no workspace.");
  if (read.version !== 1) throw notOne("It was written by a newer version of ImJoy.");
  const content = read.content as WorkspaceContent;
  const whole =
    Array.isArray(content?.windows) &&
    Array.isArray(content.items) &&
    Array.isArray(content.plugins) &&
    typeof content.forms === "object";
  if (!whole) throw notOne("Its record is not complete.");
  return { name: String(read.name || "Workspace"), content: asStrangers(content) };
}

function strangers({ kind, file, text }: EditorContent): EditorContent {
  return { kind, file, text, plugin: null, saved: null };
}

/** What is written in its editors is somebody else's text: saving it asks as for a new plugin. */
function asStrangers(content: WorkspaceContent): WorkspaceContent {
  const windows = content.windows.map((window) =>
    window.content.kind === "editor" ? { ...window, content: strangers(window.content) } : window,
  );
  return { ...content, windows };
}

function notOne(cause: string): Error {
  const remedy = "Choose a file that “Export workspace” wrote.";
  return codedError("data.unreadable", `${cause} ${remedy}`, { cause, remedy });
}
