import { NdArray, newId, Peer, RpcError } from "@imjoy/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runtimes } from "../host/runtimes";
import type { Capability, DialogRequest } from "../model";
import { CAPABILITY_OF, FREE } from "./capabilities";
import { allServices } from "./index";
import { showResult } from "./results";
import { Bench } from "./testing";

const original = { ...runtimes };
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  runtimes["web-worker"] = bench.runtime;
  runtimes.window = bench.runtime;
});
afterEach(() => {
  Object.assign(runtimes, original);
});

describe("who calls", () => {
  it("is known from the address; a stranger is refused", async () => {
    const address = `${bench.peer.address}/${newId()}`;
    const stranger = new Peer({ address, send: (frame) => bench.router.route(frame, address) });
    bench.router.attach(address, (frame) => stranger.receive(frame));
    await expect(stranger.call(bench.peer.address, "api.echo", [1])).rejects.toMatchObject({
      code: "plugin.permission",
    });
  });

  it("cannot reach what is not a service", async () => {
    const { peer } = await bench.as("A");
    for (const target of ["start", "constructor", "__proto__", "api.constructor", "api.toString"]) {
      await expect(peer.call(bench.peer.address, target, [])).rejects.toMatchObject({
        code: "rpc.method_not_found",
      });
    }
  });
});

describe("messages", () => {
  it("puts log lines and errors in the log of the caller", async () => {
    const { id, call } = await bench.as("A");
    await call("log", "one", { two: 2 });
    await call("error", new RangeError("three"));
    bench.entries.flush();
    const lines = bench.entries.get(id)?.log.map(({ level, text }) => `${level} ${text}`);
    expect(lines).toEqual(['info one {"two":2}', "error RpcError: three"]);
  });

  it("shows status, progress and messages", async () => {
    const { id, call } = await bench.as("A");
    await call("showStatus", "busy");
    await call("showProgress", 42);
    await call("progress", 0.5);
    await call("showMessage", "done", 3);
    expect(bench.desk.status.get()).toEqual({ text: "done", progress: 0.42 });
    expect(bench.entries.get(id)?.progress).toBe(0.5);
    expect(bench.desk.notices.store.get()[0]).toMatchObject({ text: "A: done", seconds: 3 });
  });

  it("asks the user", async () => {
    const { call } = await bench.as("A");
    await call("alert", { content: "hello", title: "T" });
    await bench.answer((dialog) => dialog.kind === "alert" && dialog.done());
    const yes = call("confirm", "sure?");
    await bench.answer((dialog) => dialog.kind === "confirm" && dialog.done(true));
    expect(await yes).toBe(true);
    const text = call("prompt", "name?");
    await bench.answer((dialog) => dialog.kind === "prompt" && dialog.done("Ann"));
    expect(await text).toBe("Ann");
    const none = call("prompt", "name?");
    await bench.answer((dialog) => dialog.kind === "prompt" && dialog.done(null));
    await expect(none).rejects.toMatchObject({ code: "rpc.cancelled" });
  });

  it("lets one plugin open only a few dialogs at a time", async () => {
    const { call } = await bench.as("A");
    const questions = Array.from({ length: 20 }, () => call("confirm", "sure?"));
    await Promise.race(questions).catch(() => undefined);
    expect(bench.desk.dialogs.store.get().length).toBe(5);
    for (const question of questions) question.catch(() => undefined);
  });
});

describe("config", () => {
  it("keeps values of each plugin apart, false ones included", async () => {
    const a = await bench.as("A");
    const b = await bench.as("B");
    for (const [key, value] of Object.entries({ n: 0, s: "", f: false, o: { x: [1] } })) {
      await a.call("setConfig", key, value);
      expect(await a.call("getConfig", key)).toEqual(value);
      expect(await b.call("getConfig", key)).toBeNull();
    }
    await a.call("setConfig", "n", null);
    expect(await a.call("getConfig", "n")).toBeNull();
    expect(await a.call("getConfig", "_name")).toBe("A");
    expect(await a.call("getConfig", "_constructor")).toBeNull();
  });

  it("gives texts to plugins of versions that knew nothing else", async () => {
    const { call } = await bench.as("A", {}, { api_version: "0.1.7" });
    for (const [key, value, expected] of [
      ["n", 0, "0"],
      ["b", true, "true"],
      ["s", "", null],
      ["f", false, null],
    ]) {
      await call("setConfig", key, value);
      expect(await call("getConfig", key)).toBe(expected);
    }
  });

  it("gives attachments", async () => {
    const { call } = await bench.as("A");
    expect(await call("getAttachment", "a.txt")).toBe("A");
    expect(await call("getAttachment", "constructor")).toBeNull();
  });
});

describe("plugins", () => {
  it("gives references that lead directly to the other plugin, which is started", async () => {
    await bench.install("B", {
      add: (a: number, b: number) => a + b,
      shape: (array: NdArray) => array.shape,
      begin: () => undefined,
      fail: () => {
        throw new RangeError("too far");
      },
    });
    const { call } = await bench.as("A");
    const b = (await call("getPlugin", "B")) as Record<string, (...args: unknown[]) => unknown>;
    expect(await b.add?.(2, 3)).toBe(5);
    expect(await b.shape?.(NdArray.from(new Uint8Array(6), [2, 3]))).toEqual([2, 3]);
    await expect(b.fail?.()).rejects.toMatchObject({ message: "too far", code: "plugin.error" });
    expect(await call("call", "B", "add", 1, 1)).toBe(2);
    await bench.desk.host.stop(bench.catalog.byName("B")?.id as string);
    await expect(b.add?.(1, 1)).rejects.toMatchObject({
      code: expect.stringMatching(/^rpc\.peer/),
    });
  });

  it("runs another plugin with a context and names one that is missing", async () => {
    await bench.install("B", { run: (context: object) => context });
    const { call } = await bench.as("A");
    expect(await call("run", "B", { config: { x: 1 } })).toMatchObject({
      config: { x: 1 },
      name: "B",
      data: {},
    });
    await expect(call("run", "C")).rejects.toMatchObject({ code: "plugin.not_found" });
  });

  it("finds services and operations that were registered, and forgets them on request", async () => {
    const a = await bench.as("A");
    const b = await bench.as("B");
    await a.call("register", { name: "double", run: (c: { n: number }) => c.n * 2 });
    expect(await b.call("run", "A/double", { n: 4 })).toBe(8);
    const id = await a.call("registerService", { type: "adder", name: "x", add: () => 1 });
    const found = (await b.call("getServices", { type: "adder" })) as Record<
      string,
      () => unknown
    >[];
    expect(await found[0]?.add?.()).toBe(1);
    expect(await b.call("unregisterService", { id })).toBe(false);
    expect(await a.call("unregisterService", { id })).toBe(true);
    expect(await b.call("getServices", { type: "adder" })).toEqual([]);
  });
});

describe("windows", () => {
  it("opens a window plugin, calls it, tells events both ways, and fails after close", async () => {
    const events: unknown[] = [];
    await bench.install(
      "Win",
      {
        setup: () => undefined,
        run: (context: { data: unknown }) => events.push(["run", context.data]),
        hello: (name: string) => `hello ${name}`,
        event: (...event: unknown[]) => events.push(event),
      },
      { type: "window" },
    );
    const { call } = await bench.as("A");
    const win = (await call("createWindow", { type: "Win", data: 7 })) as Record<
      string,
      (...args: unknown[]) => Promise<unknown>
    >;
    expect(events).toEqual([["run", 7]]);
    expect(await win.hello?.("you")).toBe("hello you");
    const heard: unknown[] = [];
    await win.on?.("close", () => heard.push("close"));
    await win.on?.("news", (value: unknown) => heard.push(value));
    await win.emit?.("ping", 1);
    const own = bench.peers.get("Win") as Peer;
    await own.call(bench.peer.address, "api.emit", ["news", 5]);
    // Never answered: the caller is gone with its window.
    void own.call(bench.peer.address, "api.close", []);
    await expect.poll(() => heard).toEqual([5, "close"]);
    expect(events[1]).toEqual(["ping", 1]);
    await expect(win.hello?.("you")).rejects.toBeInstanceOf(RpcError);
    await expect(win.focus?.()).rejects.toThrow(/was closed/);
    expect(bench.desk.windows.store.get()).toEqual([]);
    expect(bench.entries.get(bench.catalog.byName("Win")?.id as string)?.state).toBe("installed");
  });

  it("opens a dialog when the plugin or the caller wants one", async () => {
    await bench.install("Win", {}, { type: "window" });
    await bench.install("Box", {}, { type: "window", defaults: { as_dialog: true } });
    const { call } = await bench.as("A");
    const shown = bench.desk.dialogs.store;
    for (const request of [
      { type: "Win", dialog: true },
      { type: "Win", as_dialog: true },
      { type: "Box" },
    ]) {
      const opened = call("createWindow", request).catch(() => "closed");
      await expect.poll(() => shown.get().map(({ kind }) => kind)).toEqual(["frame"]);
      expect(bench.desk.windows.store.get()).toEqual([]);
      const [dialog] = shown.get();
      if (dialog?.kind === "frame") dialog.done();
      expect(await opened).toBe("closed");
    }
  });

  it("gives another plugin what works although its setup failed, until it is started again", async () => {
    let broken = true;
    const setup = (): void => {
      if (broken) throw new Error("no server");
    };
    const id = await bench.install("Half", { setup, list: () => ["works"] });
    const user = await bench.as("User");
    const half = (await user.call("getPlugin", "Half")) as { list(): Promise<unknown> };
    expect(await half.list()).toEqual(["works"]);
    expect(await user.call("call", "Half", "list")).toEqual(["works"]);
    expect(bench.entries.get(id)?.state).toBe("failed");
    const log = (): string =>
      (bench.entries.get(user.id)?.log ?? []).map(({ text }) => text).join();
    await expect.poll(log).toContain("Half could not be set up: Error: no server");
    await expect(bench.desk.host.start(id)).rejects.toThrow("no server");
    expect(bench.stopped).toEqual(["Half", "Half"]);
    broken = false;
    await bench.desk.host.start(id);
    await expect(half.list()).rejects.toThrow();
    expect(bench.entries.get(id)?.state).toBe("ready");
  });

  it("closes the window and says why when its setup fails", async () => {
    const fail = () => {
      throw new Error("no setup");
    };
    const id = await bench.install("Win", { setup: fail }, { type: "window" });
    const { call } = await bench.as("A");
    await expect(call("createWindow", "Win")).rejects.toThrow(/no setup/);
    expect(bench.desk.windows.store.get()).toEqual([]);
    expect(bench.entries.get(id)).toMatchObject({
      state: "failed",
      failure: { step: "Opening Win" },
    });
  });

  it("open in the workspace that is open, which is told when the run began in another", async () => {
    const { id, call } = await bench.as("A");
    const place = { id: "a", name: "First" };
    bench.jobs.where = () => ({ ...place });
    bench.jobs.start(id, "Running A");
    await call("createWindow", { type: "imjoy/generic", data: 1 });
    expect(bench.desk.notices.store.get()).toEqual([]);
    place.id = "b";
    for (const data of [2, 3]) await call("createWindow", { type: "imjoy/generic", data });
    expect(bench.desk.notices.store.get().map(({ text }) => text)).toEqual([
      'What A does began in the workspace "First"; its window opens in this one.',
    ]);
  });

  it("opens views for images, text and values", async () => {
    const { call } = await bench.as("A");
    const image = NdArray.from(new Uint16Array(6), [2, 3]);
    const labels = NdArray.from(new Int32Array(6), [2, 3]);
    await call("createWindow", { type: "imjoy/image", name: "I", data: { image, labels } });
    await call("createWindow", { type: "imjoy/markdown", data: { source: "# T" } });
    await call("createWindow", { type: "imjoy/generic", name: "V", data: { a: 1 } });
    const contents = bench.desk.windows.store.get().map(({ content }) => content);
    expect(contents.map(({ kind }) => kind)).toEqual(["image", "markdown", "value"]);
    const item = bench.desk.items.store.get()[0];
    expect(item).toMatchObject({ name: "I", origin: "result of A", image: { axes: "YX" } });
    expect(item?.image.labels?.dtype).toBe("int32");
    const found = (await call("getWindow", "V")) as Record<string, () => Promise<unknown>>;
    await found.close?.();
    expect(await call("getWindow", "V")).toBeNull();
  });

  it("names what cannot be opened", async () => {
    const { call } = await bench.as("A");
    await expect(call("createWindow", "Nothing")).rejects.toThrow(/Install the plugin/);
    await expect(call("createWindow", "imjoy/hologram")).rejects.toThrow(/imjoy\/image/);
    await expect(call("createWindow", "A")).rejects.toThrow(/no window/);
    const bad = call("createWindow", { type: "imjoy/image", data: { image: 5 } });
    await expect(bad).rejects.toMatchObject({ code: "data.unreadable" });
  });

  it("fetches no image from a host that the plugin may not reach", async () => {
    const { call } = await bench.as("A", {}, { network: ["*.example.org"] });
    for (const data of [
      { src: "https://elsewhere.org/?secret" },
      "https://example.org.evil/x.png",
    ]) {
      const opened = call("createWindow", { type: "imjoy/image", data });
      await expect(opened).rejects.toMatchObject({ code: "plugin.permission" });
    }
  });

  it("shows a form and gives its answers", async () => {
    const { call } = await bench.as("A");
    const ui = "<b>Hi</b><br>size: {id:'size', type:'number', placeholder: 2}";
    const answers = call("showDialog", { type: "joy", name: "F", ui, config: { size: 9 } });
    const dialog = await bench.answer((given) => given.kind === "form" && given.done({ size: 5 }));
    expect(dialog).toMatchObject({ title: "F", fields: [{ id: "size", value: 9 }] });
    expect(await answers).toEqual({ size: 5 });
    const closed = call("showDialog", { ui });
    await bench.answer((given) => given.kind === "form" && given.done(null));
    expect(await closed).toBeNull();
  });
});

describe("files and links", () => {
  const agree = (dialog: DialogRequest) => dialog.kind === "confirm" && dialog.done(true);

  it.each([
    ["0.1.3", "a.txt"],
    ["0.1.7", { path: "a.txt", name: "a.txt" }],
    ["0.1.8", [{ path: "a.txt", name: "a.txt" }]],
  ])("answers showFileDialog as api %s did", async (api_version, expected) => {
    const { call } = await bench.as("A", {}, { api_version });
    bench.files = [new File(["x"], "a.txt")];
    const chosen = call("showFileDialog", {});
    await bench.answer(agree);
    const answer = await chosen;
    if (typeof expected === "string") expect(answer).toBe(expected);
    else expect(answer).toMatchObject(expected);
  });

  it("answers a closed dialog with nothing", async () => {
    const { call } = await bench.as("A");
    const chosen = call("showFileDialog", {});
    await bench.answer((dialog) => dialog.kind === "confirm" && dialog.done(false));
    expect(await chosen).toEqual([]);
  });

  it("saves files under a name without folders", async () => {
    const { call } = await bench.as("A");
    await call("exportFile", "text", "../a.txt");
    await expect.poll(() => bench.saved).toEqual([{ name: ".._a.txt", text: "text" }]);
    await expect(call("getFileUrl", "/etc/passwd")).rejects.toThrow(/showFileDialog/);
  });

  it("opens web addresses only, and only when the user agrees", async () => {
    const { call } = await bench.as("A");
    await expect(call("utils.openUrl", "javascript:alert(1)")).rejects.toThrow(/not an address/);
    const opened = call("utils.openUrl", "https://example.org/");
    await bench.answer(agree);
    await opened;
    expect(bench.opened).toEqual(["https://example.org/"]);
  });
});

describe("permissions", () => {
  const choose = (id: string, capability: Capability, choice: string) =>
    bench.permissions.choose(id, { capability, choice });

  it("covers every service, so that a new one has to say who may use it", () => {
    const names = Object.keys(allServices());
    expect(names.filter((name) => !CAPABILITY_OF.has(name) && !FREE.has(name))).toEqual([]);
    const known = [...CAPABILITY_OF.keys(), ...FREE];
    expect(known.filter((name) => !names.includes(name))).toEqual([]);
    expect([...FREE].filter((name) => CAPABILITY_OF.has(name))).toEqual([]);
  });

  it("refuses what the user took away, and gives it back", async () => {
    const { id, call } = await bench.as("A");
    await call("setConfig", "x", 1);
    await choose(id, "storage", "block");
    await expect(call("getConfig", "x")).rejects.toMatchObject({
      code: "plugin.permission",
      message: expect.stringContaining("Storage"),
    });
    expect(await call("echo", 1)).toBe(1);
    await choose(id, "storage", "allow");
    expect(await call("getConfig", "x")).toBe(1);
  });

  it("asks once for many calls, and keeps the answer", async () => {
    const { id, call } = await bench.as("A");
    await choose(id, "downloads", "ask");
    const saves = [call("exportFile", "1", "a"), call("exportFile", "2", "b")];
    await bench.answer((dialog) => dialog.kind === "confirm" && dialog.done(true));
    await Promise.all(saves);
    expect(bench.desk.dialogs.store.get()).toEqual([]);
    await call("exportFile", "3", "c");
    expect(bench.permissions.known.get()[id]?.choices.downloads).toBe("allow");
  });

  it("keeps plugins from those on the engine only", async () => {
    const { id, call } = await bench.as("A");
    await bench.install("B", { one: () => 1 });
    await bench.install("P", {}, { type: "native-python" });
    await choose(id, "engine", "block");
    await expect(call("getPlugin", "P")).rejects.toMatchObject({ code: "plugin.permission" });
    expect(await call("call", "B", "one")).toBe(1);
    await choose(id, "plugins", "block");
    await expect(call("call", "B", "one")).rejects.toMatchObject({ code: "plugin.permission" });
  });

  it("asks before something is fetched for a plugin whose network is limited", async () => {
    const { call } = await bench.as("A", {}, { network: ["a.org"] });
    const fetched = call("getPlugin", { src: "https://evil.org/?secret.imjoy.html" });
    const dialog = await bench.answer((given) => given.kind === "confirm" && given.done(false));
    expect(dialog).toMatchObject({ text: expect.stringContaining("https://evil.org/?secret") });
    await expect(fetched).rejects.toMatchObject({ code: "plugin.permission" });
  });

  it("keeps the storage of frames apart, and ends it at 5 MB", async () => {
    const a = await bench.as("A");
    const b = await bench.as("B");
    await a.call("storage.set", "k", "v");
    await b.call("storage.set", "k", "w");
    expect(await bench.desk.settings.all(a.id, "storage")).toEqual({ k: "v" });
    await expect(a.call("storage.set", "big", "x".repeat(6 << 20))).rejects.toThrow(/5 MB/);
    await a.call("storage.clear");
    expect(await bench.desk.settings.all(a.id, "storage")).toEqual({});
    expect(await bench.desk.settings.all(b.id, "storage")).toEqual({ k: "w" });
  });
});

describe("runs", () => {
  it("ends a plugin that goes on after its run was cancelled, and only that", async () => {
    const id = await bench.install("Never", { run: () => new Promise(() => undefined) });
    const other = await bench.as("A");
    bench.stuck = true;
    const abort = new AbortController();
    const run = bench.desk.host.run(id, {}, { signal: abort.signal });
    await expect.poll(() => bench.entries.get(id)?.state).toBe("running");
    // In this test there are no frames, so there is no common process that could be busy.
    bench.desk.host.frames.recover = async () => undefined;
    abort.abort();
    await expect(run).rejects.toMatchObject({ code: "rpc.cancelled" });
    expect(bench.stopped).toEqual(["Never"]);
    expect(bench.entries.get(id)?.state).toBe("installed");
    expect(await other.call("echo", 1)).toBe(1);
  });

  it("shows a failed start in the entry and as a job", async () => {
    const fail = () => {
      throw new Error("broken");
    };
    const id = await bench.install("A", { setup: fail });
    await expect(bench.desk.host.start(id)).rejects.toThrow("broken");
    expect(bench.entries.get(id)).toMatchObject({
      state: "failed",
      failure: { step: "Starting A", code: "plugin.error", detail: expect.stringContaining("at ") },
    });
    expect(bench.jobs.store.get()[0]).toMatchObject({ state: "failed" });
  });

  it("shows results by their kind", async () => {
    const id = await bench.install("A");
    const plugin = bench.catalog.get(id);
    const image = NdArray.from(new Uint8Array(4), [2, 2]);
    const input = { type: "image", name: "i", image };
    const results: unknown[] = [
      null,
      { window: () => 0 },
      { type: "A", data: input },
      image,
      { type: "imjoy/image", name: "L", data: { image } },
      { type: "image", image },
      { count: 3 },
      { type: "imjoy/markdown", data: { source: "x" } },
      // A kind of data of its own, which other plugins take by its name.
      { type: "imjoy/table", name: "T", data: { rows: [1] } },
    ];
    for (const result of results) await showResult(bench.desk, plugin as never, result, undefined);
    const shown = bench.desk.windows.store
      .get()
      .map(({ title, content }) => `${title} ${content.kind}`);
    const last = shown.pop();
    expect(shown).toEqual(["A image", "L image", "A result image", "A value", "A markdown"]);
    expect(last).toBe("T value");
    expect(bench.desk.windows.store.get().at(-1)?.content).toMatchObject({ value: results.at(-1) });
  });
});

it("gives the files of BrowserFS as promises and by callbacks", async () => {
  const { call } = await bench.as("Reader");
  type Files = Record<string, (...args: unknown[]) => Promise<unknown>>;
  const { fs, ...direct } = (await call("getPlugin", "BrowserFS")) as { fs: Files } & Files;
  await direct.writeFile?.("/tmp/a.txt", "text");
  const found = await new Promise((done) => void fs.exists?.("/tmp/a.txt", done));
  expect(found).toBe(true);
  const failed = await new Promise((done) => void fs.readFile?.("/tmp/none", done));
  expect(failed).toBeInstanceOf(Error);
});
