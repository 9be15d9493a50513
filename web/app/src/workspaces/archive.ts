/** A workspace as one file: a zip with its record, its plugins and, when wanted, its data. */

import { formatBytes } from "../data/limits";
import type { EditorContent, WorkspaceContent, WorkspaceRecord } from "../model";
import { codedError } from "../plugins/failure";
import type { Blobs } from "./blobs";
import { hashOf } from "./image-bytes";
import { blobsOf } from "./workspace-store";

const RECORD = "workspace.json";
const DATA = "data/";
const FORMAT = "imjoy-workspace";
/** Bytes of the record, and of all data together, that are unpacked; and parts that are looked at. */
const MOST_RECORD = 32 << 20;
const MOST_DATA = 2 ** 30;
const MOST_ENTRIES = 10_000;

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
  const text = (await extract(bytes, new Set([RECORD]), MOST_RECORD))[RECORD];
  if (!text) throw notOne("It holds no workspace.");
  const record = readRecord(new TextDecoder().decode(text));
  const wanted = new Set([...blobsOf(record.content)].map((name) => DATA + name));
  for (const [path, part] of Object.entries(await extract(bytes, wanted, MOST_DATA))) {
    const name = path.slice(DATA.length);
    const whole = new Uint8Array(part) as Uint8Array<ArrayBuffer>;
    if ((await hashOf(whole)) !== name.replace(/^plugin-/, "")) {
      throw notOne("Its data were changed after it was written.");
    }
    if (!(await blobs.has(name))) await blobs.put(name, whole);
  }
  return record;
}

/**
 * Unpacks the wanted parts only, and none when they would be larger than `most` together: a file of a few megabytes can be
 * made to unpack to gigabytes. No part becomes larger than the list of the archive says.
 */
async function extract(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
  most: number,
): Promise<Record<string, Uint8Array>> {
  const { unzip } = await import("fflate");
  const seen = new Set<string>();
  let size = 0;
  let entries = 0;
  const filter = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    entries += 1;
    if (!wanted.has(name) || seen.has(name) || entries > MOST_ENTRIES) return false;
    seen.add(name);
    size += originalSize;
    return size <= most;
  };
  const files = await new Promise<Record<string, Uint8Array>>((resolve, reject) =>
    unzip(bytes, { filter }, (error, result) => (error ? reject(error) : resolve(result))),
  ).catch(() => ({}) as Record<string, Uint8Array>);
  if (size > most) throw notOne(`It would unpack to more than ${formatBytes(most)}.`);
  return files;
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
    isListOfObjects(content?.windows) &&
    isListOfObjects(content.items) &&
    isListOfObjects(content.plugins) &&
    typeof content.forms === "object";
  if (!whole) throw notOne("Its record is not complete.");
  return { name: String(read.name || "Workspace"), content: asStrangers(content) };
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null);
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
