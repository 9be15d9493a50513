import { NdArray } from "@imjoy/rpc";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryDatabase, openDatabase } from "./database";
import { Dialogs } from "./dialogs";
import { guessAxes, imageFrom } from "./image-value";
import { Jobs } from "./jobs";
import { Notices } from "./notices";
import { imageReaders } from "./readers";
import { Settings } from "./settings";
import { Windows } from "./windows";

describe("Jobs", () => {
  it("goes on until it ends, once, and can be cancelled by the user", () => {
    const jobs = new Jobs();
    const job = jobs.start("p", "Running A", "Waiting");
    job.update({ step: "Working", done: 1, total: 2, unit: "bytes" });
    expect(jobs.store.get()[0]).toMatchObject({ state: "running", step: "Working", done: 1 });
    jobs.store.get()[0]?.cancel?.();
    expect(job.signal.aborted).toBe(true);
    job.finish("cancelled");
    job.finish("done");
    expect(jobs.store.get()[0]).toMatchObject({ state: "cancelled", endedAt: expect.any(Number) });
  });

  it("are cancelled, not failed, when their plugin is stopped", () => {
    const jobs = new Jobs();
    const [job, other] = [jobs.start("p", "Running A"), jobs.start("q", "Running B")];
    const stopped = jobs.stop("p");
    expect(job.isEnded).toBe(true);
    expect(other.isEnded).toBe(false);
    // It is said until it has ended, whatever it goes on telling.
    job.update({ step: "Working" });
    expect(jobs.store.get()[0]).toMatchObject({ state: "running", step: "Stopping" });
    job.fail({ step: "Running A", cause: "It is gone.", remedy: "", code: "rpc.peer_gone" });
    expect(jobs.store.get().map(({ state }) => state)).toEqual(["cancelled", "running"]);
    jobs.start("p", "Running A again");
    stopped();
    expect(jobs.store.get().map(({ state }) => state)).toEqual(["cancelled", "running", "running"]);
  });

  it("say that they stop as soon as they are cancelled", () => {
    const jobs = new Jobs();
    const job = jobs.start("p", "Running A", "Working");
    jobs.store.get()[0]?.cancel?.();
    const steps = jobs.store.get()[0]?.steps.map(({ text }) => text);
    expect([steps, jobs.store.get()[0]?.stopping]).toEqual([["Working", "Stopping"], true]);
    job.finish("cancelled");
    expect(jobs.store.get()[0]?.state).toBe("cancelled");
  });

  it("forgets old jobs that ended, never running ones", () => {
    const jobs = new Jobs();
    jobs.start("p", "first");
    for (let i = 0; i < 100; i += 1) jobs.start("p", `job ${i}`).finish("done");
    expect(jobs.store.get().length).toBe(50);
    expect(jobs.store.get()[0]?.title).toBe("first");
  });
});

describe("Notices", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("lists failures after their time, and lets them make way for a window", () => {
    const notices = new Notices();
    const failure = { step: "Running A", cause: "No.", remedy: "", code: "plugin.error" };
    const past = () => notices.store.get().map((notice) => notice.past === true);
    notices.fail(failure);
    vi.advanceTimersByTime(25_000);
    expect(past()).toEqual([true]);
    notices.fail(failure);
    notices.makeWay();
    expect(past()).toEqual([true, false]);
    vi.advanceTimersByTime(6000);
    notices.makeWay();
    expect(past()).toEqual([true, true]);
    notices.forgetFailures();
    expect(notices.store.get()).toEqual([]);
  });

  it("stay while they are read", () => {
    const notices = new Notices();
    notices.notify("info", "a");
    notices.hold(true);
    vi.advanceTimersByTime(60_000);
    expect(notices.store.get()).toHaveLength(1);
    notices.hold(false);
    vi.advanceTimersByTime(7000);
    expect(notices.store.get()).toEqual([]);
  });

  it("offer something once", () => {
    const notices = new Notices();
    const run = vi.fn();
    notices.offer("A is removed.", { label: "Undo", run });
    notices.store.get()[0]?.action?.run();
    expect(run).toHaveBeenCalledOnce();
    expect(notices.store.get()).toEqual([]);
  });

  it("takes messages away after their time and keeps errors", () => {
    const notices = new Notices();
    notices.notify("info", "a");
    notices.notify("error", "b");
    vi.advanceTimersByTime(10_000);
    expect(notices.store.get().map(({ text }) => text)).toEqual(["b"]);
    notices.dismiss(notices.store.get()[0]?.id as string);
    expect(notices.store.get()).toEqual([]);
  });

  it("takes a failure away when the step is done anew", () => {
    const notices = new Notices();
    const failure = { cause: "no", remedy: "", code: "plugin.error" };
    notices.fail({ ...failure, step: "Running A" });
    notices.fail({ ...failure, step: "Running B" });
    notices.forget("Running A");
    expect(notices.store.get().map(({ text }) => text)).toEqual(["Running B: no"]);
  });

  it("keeps few", () => {
    const notices = new Notices();
    for (let i = 0; i < 1000; i += 1) notices.notify("error", String(i));
    expect(notices.store.get().length).toBe(20);
    expect(notices.store.get().at(-1)?.text).toBe("999");
  });
});

describe("Dialogs", () => {
  it("settles with the answer and goes", async () => {
    const dialogs = new Dialogs();
    const answer = dialogs.confirm({ title: "T", text: "?" });
    const [dialog] = dialogs.store.get();
    if (dialog?.kind === "confirm") dialog.done(true);
    expect(await answer).toBe(true);
    expect(dialogs.store.get()).toEqual([]);
  });
});

describe("Windows", () => {
  const image = { kind: "image", item: "i" } as const;
  const text = { kind: "markdown", source: "" } as const;

  it("remembers which image was active last, also behind other windows", () => {
    const windows = new Windows();
    const a = windows.open({ title: "a", content: image });
    const b = windows.open({ title: "b", content: image });
    windows.open({ title: "t", content: text });
    expect(windows.lastImage()?.id).toBe(b.id);
    windows.active.set(a.id);
    expect(windows.lastImage()?.id).toBe(a.id);
    windows.close(a.id);
    expect(windows.lastImage()?.id).toBe(b.id);
  });

  it("tells of mounting once for each place, and of closing once", () => {
    const windows = new Windows();
    const mounted = vi.fn();
    const closed = vi.fn();
    const { id } = windows.open({ title: "a", content: text }, { mounted, closed });
    const place = {} as HTMLElement;
    windows.mount(id, place);
    windows.mount(id, place);
    windows.mount(id, {} as HTMLElement);
    windows.close(id);
    windows.close(id);
    expect(mounted).toHaveBeenCalledTimes(2);
    expect(closed).toHaveBeenCalledTimes(1);
    expect(windows.active.get()).toBeNull();
  });

  it("has an end", () => {
    const windows = new Windows();
    const open = () => windows.open({ title: "a", content: text });
    expect(() => Array.from({ length: 1000 }, open)).toThrow(/Close some/);
  });
});

describe("Settings", () => {
  it("keeps plugins, sections and names apart whatever they are called", async () => {
    const settings = new Settings(memoryDatabase());
    await settings.set("a", "own", "b/c", 1);
    await settings.set("a/b", "own", "c", 2);
    await settings.set("a", "form", "b/c", 3);
    await settings.set("a", "own", "__proto__", 4);
    expect(await settings.get("a", "own", "b/c")).toBe(1);
    expect(await settings.get("a/b", "own", "c")).toBe(2);
    expect(await settings.all("a", "form")).toEqual({ "b/c": 3 });
    await settings.forget("a");
    expect(await settings.get("a", "own", "b/c")).toBeUndefined();
    expect(await settings.get("a/b", "own", "c")).toBe(2);
  });

  it("uses memory where there is no database", async () => {
    expect((await openDatabase("x")).lasting).toBe(false);
  });
});

describe("images in values", () => {
  const none = imageReaders(() => Promise.reject(new Error("no file")));
  const array = (shape: number[]) =>
    NdArray.from(new Uint8Array(shape.reduce((a, b) => a * b, 1)), shape);

  it.each([
    [[5, 6], "YX"],
    [[5, 6, 3], "YXS"],
    [[5, 6, 4], "YXS"],
    [[2, 6, 7], "CYX"],
    [[9, 6, 7], "ZYX"],
    [[9, 2, 6, 7], "ZCYX"],
    [[9, 6, 7, 3], "ZYXS"],
    [[2, 3, 4, 5, 6], "TZCYX"],
  ])("guesses the axes of %j", (shape, axes) => {
    expect(guessAxes(shape)).toBe(axes);
  });

  it.each([[[]], [[5]], [[1, 2, 3, 4, 5, 6]]])("refuses the shape %j", (shape) => {
    expect(() => guessAxes(shape)).toThrow(/2 to 5 dimensions/);
  });

  it("takes axes that fit, labels of whole numbers, and canvas pixels", async () => {
    const given = { image: array([3, 4, 5]), axes: "tyx", labels: array([4, 5]) };
    expect(await imageFrom(given, none)).toMatchObject({ axes: "TYX", labels: { dtype: "uint8" } });
    expect((await imageFrom({ ...given, axes: "YX" }, none)).axes).toBe("CYX");
    const pixels = { data: new Uint8ClampedArray(24), width: 3, height: 2 };
    expect(await imageFrom(pixels, none)).toMatchObject({
      axes: "YXS",
      array: { shape: [2, 3, 4] },
    });
    const floats = NdArray.from(new Float32Array(4), [2, 2]);
    await expect(imageFrom({ image: floats, labels: floats }, none)).rejects.toThrow(
      /whole numbers/,
    );
  });

  it.each([[null], [5], [{}], [{ image: "nonsense" }]])("refuses %j", async (value) => {
    await expect(imageFrom(value, none)).rejects.toMatchObject({ code: "data.unreadable" });
  });

  it("reads a data address with the reader of files", async () => {
    const seen: string[] = [];
    const readers = imageReaders(async (file) => {
      seen.push(`${file.type} ${await file.text()}`);
      return { name: file.name, image: { array: array([1, 1]), axes: "YX" } };
    });
    await imageFrom({ src: "data:image/png;base64,YWJj" }, readers);
    expect(seen).toEqual(["image/png abc"]);
  });
});
