import { NdArray } from "@imjoy/rpc";
import { zipSync } from "fflate";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { packWorkspace, unpackWorkspace } from "./archive";
import { tableBlobs } from "./blobs";
import { memoryDatabase } from "./database";
import { hashOf, imageFromBytes, imageToBytes } from "./image-bytes";
import { Items } from "./items";
import { LastMoment } from "./last-moment";
import { Snapshots } from "./snapshot";
import { UndoStack } from "./undo";
import { Windows } from "./windows";
import { BrowserWorkspaces, WorkspaceConflict } from "./workspace-store";
import { Workspaces } from "./workspaces";

function image(value: number) {
  return {
    array: new NdArray(new Uint16Array([value, 2, 3, 4, 5, 6]), [2, 3]),
    axes: "YX",
    labels: new NdArray(new Int32Array([0, 1, 1, 0, 2, 2]), [2, 3]),
    info: { size: "0.5 µm" },
  };
}

/** The storage of a browser: at once, and shared by its pages. */
function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** A page with its own windows, on a store that may be shared. */
function page(store: BrowserWorkspaces, lastMoment = new LastMoment(null)) {
  const windows = new Windows();
  const items = new Items();
  const told: string[] = [];
  const asked: string[] = [];
  const user = { mayLeave: true, mayFail: false, whenAsked: (): void => undefined };
  const clock = { now: 1_000_000 };
  const showItem = (window: { title: string; id?: string }, item: string): void => {
    windows.open({ ...window, content: { kind: "image", item } });
  };
  const snapshots = new Snapshots({
    windows,
    items,
    plugins: () => [],
    formOf: () => ({}),
    operatorForms: () => ({}),
    setForm: () => undefined,
    showItem,
    openPlugin: () => undefined,
    dataOf: () => null,
  });
  const workspaces = new Workspaces({
    snapshots,
    undo: new UndoStack(),
    stores: { browser: store },
    needPlugins: () => undefined,
    picture: () => null,
    tell: (text) => void told.push(text),
    mayLeave: async (text) => {
      asked.push(text);
      user.whenAsked();
      return user.mayLeave;
    },
    patience: 20,
    fail: (error) => {
      if (!user.mayFail) throw error;
    },
    now: () => clock.now,
    lastMoment,
  });
  const add = (title: string, value: number): void => {
    showItem({ title }, items.add(title, image(value), "test").id);
    workspaces.changed();
  };
  const titles = () => windows.store.get().map(({ title }) => title);
  return { windows, items, workspaces, add, titles, told, asked, user, clock };
}

let store: BrowserWorkspaces;

async function reopen(lastMoment: LastMoment) {
  const again = page(store, lastMoment);
  await again.workspaces.refresh();
  await again.workspaces.open(again.workspaces.find("Cells")?.id ?? "");
  return again;
}

beforeEach(() => {
  const database = memoryDatabase();
  store = new BrowserWorkspaces(database, tableBlobs(database.table("blobs")));
});

describe("images as bytes", () => {
  it("come back as they were", async () => {
    const back = imageFromBytes(imageToBytes(image(7)));
    expect(back).toEqual(image(7));
    expect(back.labels?.data).toBeInstanceOf(Int32Array);
    expect(await hashOf(imageToBytes(image(7)))).toBe(await hashOf(imageToBytes(back)));
  });
});

describe("workspaces", () => {
  it("come back with windows, images, arrangement and the active window", async () => {
    const first = page(store);
    await first.workspaces.create("Cells", "browser");
    first.add("one", 1);
    first.add("two", 2);
    first.windows.open({ title: "notes", content: { kind: "markdown", source: "# hi" } });
    first.windows.open({ title: "odd", content: { kind: "value", value: new Map() } });
    first.windows.layout.set({ layout: { panels: {} }, by: "dock" });
    const [one] = first.windows.store.get();
    first.windows.active.set(one?.id ?? null);
    first.workspaces.changed();
    await first.workspaces.flush();

    const second = page(store);
    await second.workspaces.refresh();
    await second.workspaces.open(second.workspaces.find("Cells")?.id ?? "");
    // A value that JSON cannot hold is left out.
    expect(second.titles()).toEqual(["one", "two", "notes"]);
    expect(second.items.store.get().map((item) => item.image)).toEqual([image(1), image(2)]);
    expect(second.windows.active.get()).toBe(one?.id);
    expect(second.windows.layout.get()).toEqual({ layout: { panels: {} }, by: "page" });
  });

  it("come back as they were when the page was left before it could save", async () => {
    const lastMoment = new LastMoment(storage());
    const first = page(store, lastMoment);
    await first.workspaces.create("Cells", "browser");
    first.add("kept", 1);
    await first.workspaces.flush();
    first.windows.open({ title: "late", content: { kind: "markdown", source: "# hi" } });
    first.workspaces.changed();
    store.write = () => new Promise(() => undefined); // no time is left for the database
    first.workspaces.leave();

    const again = await reopen(lastMoment);
    expect(again.titles()).toEqual(["kept", "late"]);
    expect(again.items.store.get().length).toBe(1);
    expect(again.workspaces.current.get().saved).toBe("changed");
  });

  it("come back with an image whose bytes were kept while it was shown", async () => {
    const lastMoment = new LastMoment(storage());
    const first = page(store, lastMoment);
    await first.workspaces.create("Cells", "browser");
    const put = vi.spyOn(store.blobs, "put");
    first.add("late", 1);
    await vi.waitFor(() => expect(put).toHaveResolved());
    store.write = () => new Promise(() => undefined);
    first.workspaces.leave();

    const again = await reopen(lastMoment);
    expect(again.titles()).toEqual(["late"]);
    expect(again.items.store.get().map((item) => item.image)).toEqual([image(1)]);
    expect(put).toHaveBeenCalledTimes(1);
  });

  it("come back as they were saved when the page was left with time enough", async () => {
    const lastMoment = new LastMoment(storage());
    const first = page(store, lastMoment);
    await first.workspaces.create("Cells", "browser");
    first.add("late", 1);
    first.workspaces.leave();
    await first.workspaces.flush();

    const again = await reopen(lastMoment);
    expect(again.titles()).toEqual(["late"]);
    expect(again.items.store.get().length).toBe(1);
    expect(again.workspaces.current.get().saved).toBe("saved");
  });

  it("take along what was opened before the first of them was there", async () => {
    const before = page(store);
    await before.workspaces.create("Cells", "browser");
    before.add("kept", 1);
    await before.workspaces.flush();
    const fast = page(store);
    fast.add("mine", 7);
    await fast.workspaces.refresh();
    await fast.workspaces.open(fast.workspaces.find("Cells")?.id ?? "");
    expect(fast.titles()).toEqual(["mine", "kept"]);
    await fast.workspaces.flush();
    const again = page(store);
    await again.workspaces.refresh();
    await again.workspaces.open(again.workspaces.find("Cells")?.id ?? "");
    expect(again.titles()).toEqual(["mine", "kept"]);
    expect(again.workspaces.current.get().saved).toBe("saved");
    await fast.workspaces.create("Other", "browser");
    expect(fast.titles()).toEqual([]);
    const newcomer = page(store);
    newcomer.add("first", 3);
    await newcomer.workspaces.create("New", "browser");
    expect(newcomer.titles()).toEqual(["first"]);
  });

  it("are switched, and each keeps its own", async () => {
    const { workspaces, add, titles } = page(store);
    await workspaces.create("A", "browser");
    add("in A", 1);
    await workspaces.create("B", "browser");
    expect(titles()).toEqual([]);
    add("in B", 2);
    await workspaces.open(workspaces.find("A")?.id ?? "");
    expect(titles()).toEqual(["in A"]);
    await workspaces.create("A", "browser");
    expect(workspaces.current.get().name).toBe("A 2");
  });

  it("never overwrite what another page has saved: both are kept", async () => {
    const first = page(store);
    await first.workspaces.create("Shared", "browser");
    const second = page(store);
    await second.workspaces.refresh();
    await second.workspaces.open(first.workspaces.current.get().id);
    first.add("mine", 1);
    await first.workspaces.flush();
    second.add("yours", 2);
    await second.workspaces.flush();
    expect(second.workspaces.current.get().name).toBe("Shared (copy)");
    expect(second.told.join()).toContain("nothing was overwritten");
    second.add("more", 3);
    await second.workspaces.flush();
    const kept = await Promise.all((await store.list()).map(({ id }) => store.read(id)));
    expect(
      kept.map((record) => [record?.name, record?.content.windows.map(({ title }) => title)]),
    ).toEqual([
      ["Shared", ["mine"]],
      ["Shared (copy)", ["yours", "more"]],
    ]);
  });

  it("that are renamed in one page do not lose what another one has saved", async () => {
    const first = page(store);
    await first.workspaces.create("Shared", "browser");
    const { id } = first.workspaces.current.get();
    const second = page(store);
    await second.workspaces.refresh();
    await second.workspaces.open(id);
    first.add("mine", 1);
    await first.workspaces.flush();
    await second.workspaces.rename(id, "Renamed");
    expect(second.workspaces.current.get().name).toBe("Renamed");
    second.add("yours", 2);
    await second.workspaces.flush();
    expect((await store.read(id))?.content.windows.map(({ title }) => title)).toEqual(["mine"]);
    expect(second.workspaces.current.get().name).toBe("Renamed (copy)");
  });

  it("follow one another, and the last that is asked for stays", async () => {
    const { workspaces, add, titles, items } = page(store);
    await workspaces.create("A", "browser");
    add("in A", 1);
    await workspaces.create("B", "browser");
    add("in B", 2);
    const [a, b] = ["A", "B"].map((name) => workspaces.find(name)?.id ?? "");
    await workspaces.create("C", "browser");
    await Promise.all([
      workspaces.open(a ?? ""),
      workspaces.open(a ?? ""),
      workspaces.open(b ?? ""),
    ]);
    expect(titles()).toEqual(["in B"]);
    await workspaces.open(a ?? "");
    expect(titles()).toEqual(["in A"]);
    expect(items.store.get()).toHaveLength(1);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("The disk is full."))],
    ["never ends", () => new Promise<void>(() => undefined)],
  ])("are left only when the user agrees, where keeping them %s", async (_, write) => {
    const lastMoment = new LastMoment(storage());
    const stays = page(store, lastMoment);
    Object.assign(stays.user, { mayLeave: false, mayFail: true });
    await stays.workspaces.create("A", "browser");
    const before = store.write;
    store.write = write;
    stays.windows.open({ title: "late", content: { kind: "markdown", source: "# hi" } });
    stays.workspaces.changed();
    await stays.workspaces.create("B", "browser");
    expect(stays.asked.join()).toContain("could not be kept");
    expect(stays.titles()).toEqual(["late"]);

    stays.user.mayLeave = true;
    stays.user.whenAsked = () => {
      store.write = before;
    };
    stays.windows.close(stays.windows.store.get()[0]?.id ?? "");
    stays.windows.open({ title: "later", content: { kind: "markdown", source: "# hi" } });
    stays.workspaces.changed();
    await stays.workspaces.create("B", "browser");
    expect(stays.titles()).toEqual([]);
    await stays.workspaces.open(stays.workspaces.find("A")?.id ?? "");
    expect(stays.titles()).toEqual(["later"]);
  });

  it("that are temporary are left only when the user agrees, unless they are empty", async () => {
    const { workspaces, add, asked, user } = page(store);
    user.mayLeave = false;
    await workspaces.create("T", "temporary");
    await workspaces.create("U", "temporary");
    expect(asked).toEqual([]);
    add("image", 1);
    await workspaces.create("V", "browser");
    expect(workspaces.current.get().name).toBe("U");
    expect(asked).toHaveLength(1);
  });

  it("refuse a record that is not the next revision", async () => {
    const { workspaces } = page(store);
    await workspaces.create("A", "browser");
    const record = await store.read(workspaces.current.get().id);
    if (!record) throw new Error("nothing was written");
    await expect(store.write(record)).rejects.toThrow(WorkspaceConflict);
    await store.write({ ...record, revision: 2 });
  });

  it("are deleted, brought back, and gone for good after 30 days", async () => {
    const { workspaces, add, titles, clock } = page(store);
    await workspaces.create("A", "browser");
    add("in A", 1);
    await workspaces.flush();
    const { id } = workspaces.current.get();
    await workspaces.remove(id);
    expect(workspaces.current.get().name).toBe("My workspace");
    expect(titles()).toEqual([]);
    await workspaces.restore(id);
    await workspaces.open(id);
    expect(titles()).toEqual(["in A"]);
    await workspaces.remove(id);
    clock.now += 31 * 24 * 3600 * 1000;
    await workspaces.refresh();
    expect(await store.read(id)).toBeNull();
    expect(await store.blobs.names()).toEqual([]);
  });

  it("keep earlier states that can be gone back to", async () => {
    const { workspaces, add, titles, clock } = page(store);
    await workspaces.create("A", "browser");
    add("first", 1);
    await workspaces.flush();
    clock.now += 120_000;
    add("second", 2);
    await workspaces.flush();
    const [earlier] = await workspaces.history();
    expect(earlier?.windows).toEqual(["first"]);
    await workspaces.revert(earlier?.revision ?? 0);
    expect(titles()).toEqual(["first"]);
    await workspaces.flush();
    expect((await store.read(workspaces.current.get().id))?.content.windows).toHaveLength(1);
    const states = (await workspaces.history()).map(({ windows }) => windows);
    expect(states).toEqual([["first", "second"], ["first"]]); // that of before is one of them
  });

  it("leave nothing behind when they are temporary", async () => {
    const { workspaces, add } = page(store);
    await workspaces.create("sandbox", "temporary");
    add("gone", 1);
    await workspaces.flush();
    expect(await store.list()).toEqual([]);
    const file = await workspaces.exportFile(true);
    expect(file.size).toBeGreaterThan(100);
  });
});

describe("a workspace as a file", () => {
  it("brings its data along, and is refused when they were changed", async () => {
    const first = page(store);
    await first.workspaces.create("Cells", "browser");
    first.add("one", 1);
    const file = await first.workspaces.exportFile(true);
    const database = memoryDatabase();
    const other = new BrowserWorkspaces(database, tableBlobs(database.table("blobs")));
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
    const database = memoryDatabase();
    const second = page(new BrowserWorkspaces(database, tableBlobs(database.table("blobs"))));
    await second.workspaces.importFile(light);
    expect(second.titles()).toEqual([]);
    expect(second.told.join()).toContain("the image one");
  });
});

describe("undo", () => {
  it("takes back the last step, and joins steps of the same kind in quick succession", async () => {
    const clock = { now: 0 };
    const undo = new UndoStack(() => clock.now);
    let value = 0;
    const set = (to: number, key = "size"): void => {
      const before = value;
      value = to;
      undo.push({
        label: `Change to ${to}`,
        key,
        undo: () => {
          value = before;
        },
        redo: () => {
          value = to;
        },
      });
    };
    set(1);
    set(2);
    clock.now = 5000;
    set(3);
    expect(undo.state.get()).toEqual({ undo: "Change to 3", redo: null });
    await undo.undo();
    expect(value).toBe(2);
    await undo.undo();
    expect(value).toBe(0);
    expect(undo.state.get()).toEqual({ undo: null, redo: "Change to 2" });
    await undo.redo();
    expect(value).toBe(2);
    set(9);
    expect(undo.state.get().redo).toBeNull();
  });

  it("notes nothing that happens while a step is taken back", async () => {
    const undo = new UndoStack();
    const noisy = (): void => undo.push({ label: "noise", undo: () => {}, redo: () => {} });
    undo.push({ label: "step", undo: noisy, redo: noisy });
    await undo.undo();
    expect(undo.state.get()).toEqual({ undo: null, redo: "step" });
  });
});
