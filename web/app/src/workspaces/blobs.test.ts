import { afterEach, expect, it, vi } from "vitest";
import { openBlobs } from "./blobs";
import { memoryDatabase } from "./database";

/** The browser's files, as far as they are used; a file is empty until its writer is closed. */
function folder() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const handle = (name: string) => ({
    getFile: async () => new File([files.get(name) ?? new Uint8Array()], name),
    createWritable: async () => {
      const written: Uint8Array<ArrayBuffer>[] = [];
      return {
        write: async (bytes: Uint8Array<ArrayBuffer>) => void written.push(bytes),
        close: async () => void files.set(name, written.at(-1) ?? new Uint8Array()),
      };
    },
  });
  return {
    files,
    getDirectoryHandle: async () => ({
      getFileHandle: async (name: string, { create = false } = {}) => {
        if (create && !files.has(name)) files.set(name, new Uint8Array());
        if (!files.has(name)) throw new DOMException("", "NotFoundError");
        return handle(name);
      },
      removeEntry: async (name: string) => void files.delete(name),
      keys: async function* () {
        yield* files.keys();
      },
    }),
  };
}

afterEach(() => vi.unstubAllGlobals());

it("takes a file that a page left half written for one that is not there", async () => {
  const root = folder();
  vi.stubGlobal("navigator", { storage: { getDirectory: async () => root } });
  const blobs = await openBlobs(memoryDatabase());
  root.files.set("cut", new Uint8Array());
  expect(await blobs.has("cut")).toBe(false);
  expect(await blobs.get("cut")).toBeNull();
  await blobs.put("cut", new Uint8Array([1, 2]));
  expect(await blobs.has("cut")).toBe(true);
  expect(await blobs.get("cut")).toEqual(new Uint8Array([1, 2]));
  expect(await blobs.names()).toEqual(["cut"]);
});
