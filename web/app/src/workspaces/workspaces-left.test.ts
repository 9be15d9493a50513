import { beforeEach, describe, expect, it, vi } from "vitest";
import type { SavedWindow } from "../model";
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

  it.each(["before", "after"])(
    "come back as they were when an earlier save ended %s the page was left",
    async (when) => {
      const lastMoment = new LastMoment(storage());
      const first = page(store, lastMoment);
      await first.workspaces.create("Cells", "browser");
      const { write } = store;
      let told = (): void => undefined;
      const written = vi.fn();
      store.write = async (...args) => {
        await write.apply(store, args);
        written();
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      };
      note(first, "early");
      void first.workspaces.flush();
      await vi.waitFor(() => expect(written).toHaveBeenCalled());
      note(first, "late");
      first.workspaces.leave();
      if (when === "after") {
        store.write = () => new Promise(() => undefined);
        told();
        await vi.waitFor(() => expect(first.workspaces.current.get().saved).toBe("saving"));
      }
      store.write = write;
      const again = await reopen(store, lastMoment);
      expect(again.titles()).toEqual(["early", "late"]);
    },
  );

  it("give way to what another page has saved meanwhile", async () => {
    const lastMoment = new LastMoment(storage());
    const first = page(store, lastMoment);
    await first.workspaces.create("Cells", "browser");
    const { id } = first.workspaces.current.get();
    const { write } = store;
    store.write = () => new Promise(() => undefined);
    note(first, "early");
    void first.workspaces.flush();
    await vi.waitFor(() => expect(first.workspaces.current.get().saved).toBe("saving"));
    first.workspaces.leave();
    store.write = write;
    const kept = await store.read(id);
    if (kept) await store.write({ ...kept, revision: kept.revision + 1, changedAt: 7 });
    expect((await reopen(store, lastMoment)).titles()).toEqual([]);
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

  it("are left only when the user agrees, where keeping them fails", async () => {
    const stays = page(store, new LastMoment(storage()));
    Object.assign(stays.user, { mayLeave: false, mayFail: true });
    await stays.workspaces.create("A", "browser");
    const before = store.write;
    store.write = () => Promise.reject(new Error("The disk is full."));
    note(stays, "late");
    await stays.workspaces.create("B", "browser");
    expect(stays.asked.join()).toContain("could not be kept");
    expect(stays.titles()).toEqual(["late"]);

    stays.user.mayLeave = true;
    stays.user.whenAsked = () => {
      store.write = before;
    };
    stays.windows.close(stays.windows.store.get()[0]?.id ?? "");
    note(stays, "later");
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
});

describe("workspaces that are left before they are kept", () => {
  /** A page whose bytes are kept only from `goOn` on, or with `fail` never. */
  async function slow() {
    const one = page(store, new LastMoment(storage()));
    one.user.mayFail = true;
    await one.workspaces.create("A", "browser");
    const { id } = one.workspaces.current.get();
    const { put } = store.blobs;
    let goOn = (_: Promise<void> | null): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = (way) => resolve(way ?? undefined);
    });
    store.blobs.put = async (...args) => {
      await held;
      return put(...args);
    };
    const titlesKept = async () =>
      (await store.read(id))?.content.windows.map(({ title }) => title);
    const fail = () => goOn(Promise.reject(new Error("The disk is full.")));
    note(one, "notes of A");
    one.add("image of A", 1);
    const mend = () => {
      store.blobs.put = put;
    };
    return { ...one, id, titlesKept, goOn: () => goOn(null), fail, mend };
  }

  it("go on being kept as they were, with what another one shows elsewhere", async () => {
    const one = await slow();
    await one.workspaces.create("B", "browser");
    note(one, "in B");
    expect(one.asked).toEqual([]);
    expect(one.workspaces.isOnlyHere).toBe(true);
    one.goOn();
    await vi.waitFor(async () => {
      expect(await one.titlesKept()).toEqual(["notes of A", "image of A"]);
      expect(one.kept).toEqual(["A: 0 of 36", "A: 36 of 36", "A: end"]);
    });
    expect(one.workspaces.isOnlyHere).toBe(false);
    const other = page(store);
    await other.workspaces.refresh();
    await other.workspaces.open(one.id);
    expect(other.items.store.get().map((item) => item.image)).toEqual([image(1)]);
  });

  it("open again as they were left, and are kept from there on", async () => {
    const one = await slow();
    await one.workspaces.create("B", "browser");
    await one.workspaces.open(one.id);
    expect(one.titles()).toEqual(["notes of A", "image of A"]);
    expect(one.items.store.get()[0]?.image).toEqual(image(1));
    note(one, "more");
    one.goOn();
    await one.workspaces.flush();
    await vi.waitFor(async () => {
      expect(await one.titlesKept()).toEqual(["notes of A", "image of A", "more"]);
    });
    expect(one.told).toEqual([]);
    expect(
      one.workspaces.list
        .get()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["A", "B"]);
  });

  it("are kept as they are now, where they stay open because the other one is not there", async () => {
    const one = await slow();
    await expect(one.workspaces.open("gone")).rejects.toThrow("not there any more");
    expect(one.titles()).toEqual(["notes of A", "image of A"]);
    note(one, "more");
    one.goOn();
    await one.workspaces.flush();
    await vi.waitFor(() => expect(one.workspaces.isOnlyHere).toBe(false));
    expect(await one.titlesKept()).toEqual(["notes of A", "image of A", "more"]);
    expect(one.told).toEqual([]);
  });

  it("keep a new name, and become a copy where somebody else has saved", async () => {
    const one = await slow();
    await one.workspaces.create("B", "browser");
    await one.workspaces.rename(one.id, "C");
    const kept = await store.read(one.id);
    if (kept) await store.write({ ...kept, revision: kept.revision + 1 });
    one.goOn();
    await vi.waitFor(() => expect(one.told.join()).toContain('goes on as "C (copy)"'));
    await one.workspaces.refresh();
    await vi.waitFor(() => expect(one.workspaces.find("C (copy)")).toBeDefined());
  });

  it("take windows that come later, as the result of a run that began in them", async () => {
    const one = page(store);
    await one.workspaces.create("A", "browser");
    one.add("mine", 1);
    const { id } = one.workspaces.current.get();
    await one.workspaces.create("B", "browser");
    const late: SavedWindow = { id: "w", title: "late", content: { kind: "image", item: "i" } };
    const item = { id: "i", name: "late", origin: "", bytes: 36, image: image(7) };
    expect(await one.workspaces.addTo("nowhere", [late], [item])).toBe(false);
    expect(await one.workspaces.addTo(id, [late], [item])).toBe(true);
    expect(one.titles()).toEqual([]);
    await vi.waitFor(async () => expect((await store.read(id))?.content.windows.length).toBe(2));
    await one.workspaces.open(id);
    expect(one.titles()).toEqual(["mine", "late"]);
    expect(one.items.store.get().map((each) => each.image)).toEqual([image(1), image(7)]);
    expect(one.windows.active.get()).toBe("w");
    expect(await one.workspaces.addTo(id, [late], [item])).toBe(false);
  });

  it("say so when they cannot be kept, and are tried again", async () => {
    const one = await slow();
    await one.workspaces.create("B", "browser");
    one.fail();
    await vi.waitFor(() => expect(one.kept.join()).toContain("The disk is full."));
    expect(one.workspaces.isOnlyHere).toBe(true);
    one.mend();
    one.workspaces.keepAgain();
    await vi.waitFor(async () => expect((await one.titlesKept())?.length).toBe(2));
  });
});

/** Opens a window with a text. */
function note({ windows, workspaces }: ReturnType<typeof page>, title: string): void {
  windows.open({ title, content: { kind: "markdown", source: "# hi" } });
  workspaces.changed();
}
