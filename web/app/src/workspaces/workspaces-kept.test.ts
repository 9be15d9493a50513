import { beforeEach, describe, expect, it } from "vitest";
import { emptyStore, image, page } from "./testing";
import { type BrowserWorkspaces, WorkspaceConflict } from "./workspace-store";

let store: BrowserWorkspaces;

beforeEach(() => {
  store = emptyStore();
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
