import { beforeEach, describe, expect, it, vi } from "vitest";
import { LastMoment } from "./last-moment";
import { emptyStore, image, page, reopen, storage } from "./testing";
import type { BrowserWorkspaces } from "./workspace-store";

let store: BrowserWorkspaces;

beforeEach(() => {
  store = emptyStore();
});

describe("workspaces that are left", () => {
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

    const again = await reopen(store, lastMoment);
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

    const again = await reopen(store, lastMoment);
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

    const again = await reopen(store, lastMoment);
    expect(again.titles()).toEqual(["late"]);
    expect(again.items.store.get().length).toBe(1);
    expect(again.workspaces.current.get().saved).toBe("saved");
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

  it("are not kept with what another one shows that was opened meanwhile", async () => {
    const { workspaces, windows, add, titles, user } = page(store, new LastMoment(storage()));
    user.mayFail = true;
    await workspaces.create("A", "browser");
    const { id } = workspaces.current.get();
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { put } = store.blobs;
    store.blobs.put = async (...args) => {
      await held;
      return put(...args);
    };
    windows.open({ title: "notes of A", content: { kind: "markdown", source: "# hi" } });
    add("image of A", 1);
    await workspaces.create("B", "browser");
    windows.open({ title: "in B", content: { kind: "markdown", source: "# hi" } });
    goOn();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await store.read(id))?.content.windows).toEqual([]);
    await workspaces.open(id);
    expect(titles()).toEqual(["notes of A"]);
  });
});
