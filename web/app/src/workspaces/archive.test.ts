import { zipSync } from "fflate";
import { beforeEach, describe, expect, it } from "vitest";
import { packWorkspace, unpackWorkspace } from "./archive";
import { hashOf, imageFromBytes, imageToBytes } from "./image-bytes";
import { emptyStore, image, page } from "./testing";
import type { BrowserWorkspaces } from "./workspace-store";

let store: BrowserWorkspaces;

beforeEach(() => {
  store = emptyStore();
});

describe("images as bytes", () => {
  it("come back as they were", async () => {
    const back = imageFromBytes(imageToBytes(image(7)));
    expect(back).toEqual(image(7));
    expect(back.labels?.data).toBeInstanceOf(Int32Array);
    expect(await hashOf(imageToBytes(image(7)))).toBe(await hashOf(imageToBytes(back)));
  });
});

describe("a workspace as a file", () => {
  it("brings its data along, and is refused when they were changed", async () => {
    const first = page(store);
    await first.workspaces.create("Cells", "browser");
    first.add("one", 1);
    const file = await first.workspaces.exportFile(true);
    const other = emptyStore();
    const second = page(other);
    await second.workspaces.importFile(file);
    expect(second.titles()).toEqual(["one"]);
    expect(second.items.store.get()[0]?.image).toEqual(image(1));

    await expect(second.workspaces.importFile(new Blob(["no zip"]))).rejects.toThrow(
      "no workspace",
    );
    const record = await store.read(first.workspaces.current.get().id);
    if (!record) throw new Error("nothing was written");
    const blob = record.content.items[0]?.blob ?? "";
    await store.blobs.put(blob, new Uint8Array([1, 2, 3]));
    const forged = await packWorkspace(record, store.blobs, true);
    await expect(unpackWorkspace(forged, other.blobs)).rejects.toThrow("were changed");
  });

  it("unpacks nothing of a file that would become enormous", async () => {
    const record = new Uint8Array(40 << 20).fill(32);
    const bomb = new Blob([zipSync({ "workspace.json": record }) as Uint8Array<ArrayBuffer>]);
    expect(bomb.size).toBeLessThan(1 << 20);
    await expect(unpackWorkspace(bomb, store.blobs)).rejects.toThrow("more than 32 MB");
  });

  it("takes what is written in its editors for somebody else's", async () => {
    const first = page(store);
    await first.workspaces.create("Cells", "browser");
    const record = await store.read(first.workspaces.current.get().id);
    if (!record) throw new Error("nothing was written");
    const shown = { kind: "editor" as const, file: "a.py", text: "1" };
    const content = { ...shown, plugin: "A", saved: "0", path: "/etc/a.py" };
    const windows = [{ id: "1", title: "a.py", content }];
    const packed = await packWorkspace(
      { ...record, content: { ...record.content, windows } },
      store.blobs,
      true,
    );
    const read = await unpackWorkspace(packed, store.blobs);
    expect(read.content.windows[0]?.content).toEqual({ ...shown, plugin: null, saved: null });
  });

  it("can leave the images out", async () => {
    const first = page(store);
    await first.workspaces.create("Cells", "browser");
    first.add("one", 1);
    const light = await first.workspaces.exportFile(false);
    const second = page(emptyStore());
    await second.workspaces.importFile(light);
    expect(second.titles()).toEqual([]);
    expect(second.told.join()).toContain("the image one");
  });
});
