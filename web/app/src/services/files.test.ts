import { describe, expect, it } from "vitest";
import type { FileEntry } from "../model";
import { codedError } from "../plugins/failure";
import { parsePlugin } from "../plugins/parser";
import { Dialogs } from "../workspaces/dialogs";
import { Jobs } from "../workspaces/jobs";
import type { Desk, ServiceContext } from "./desk";
import { EngineFiles } from "./engine-files";
import { fileServices } from "./files";
import { Registry, registry } from "./registry";

const ENTRY: FileEntry = { name: "a.tif", path: "/open/a.tif", type: "file", size: 4, modified: 0 };

/** An engine in memory with one file, and a person who answers with what a test says. */
class Bench {
  readonly asked: string[] = [];
  readonly dialogs = new Dialogs();
  agrees = true;
  chosen: FileEntry[] | null = [ENTRY];
  connected = true;
  browserFiles: File[] | null = null;
  readonly files: EngineFiles;
  readonly registry = new Registry();
  private readonly services;

  constructor() {
    const engine = {
      call: async (target: string, args: readonly unknown[]) => this.engine(target, args),
      missing: () => codedError("rpc.peer_gone", "no engine"),
    };
    Object.defineProperty(engine, "address", { get: () => (this.connected ? "e" : null) });
    this.files = new EngineFiles({
      engine: engine as unknown as ConstructorParameters<typeof EngineFiles>[0]["engine"],
      jobs: new Jobs(),
      dialogs: this.dialogs,
      base: new URL("http://127.0.0.1:8080/"),
      openFiles: async () => undefined,
      storage: null,
      get: async () => new Response("data", { headers: { "content-type": "image/tiff" } }),
    });
    this.services = { ...registry, ...fileServices(async () => this.browserFiles) };
    this.dialogs.store.subscribe(([first]) => {
      if (first?.kind === "confirm") {
        this.asked.push(first.title);
        setTimeout(() => first.done(this.agrees));
      } else if (first?.kind === "files") {
        this.asked.push(first.title);
        setTimeout(() => first.done(this.chosen && { from: "engine", entries: this.chosen }));
      }
    });
  }

  call(name: string, given?: unknown, config: object = {}): Promise<unknown> {
    const manifest = { name: "P", type: "web-worker", api_version: "0.1.8", ...config };
    const source = parsePlugin(`<config>${JSON.stringify(manifest)}</config><script>0</script>`);
    const { dialogs, files, registry } = this;
    const context = {
      caller: { plugin: { id: "p", source }, address: "a", window: null },
      signal: new AbortController().signal,
      desk: { dialogs, files, registry } as unknown as Desk,
    } as ServiceContext;
    return (async () => this.services[name]?.(context, given))();
  }

  private engine(target: string, [path]: readonly unknown[]): unknown {
    if (target === "files.read_address") return `files/1/${String(path).split("/").at(-1)}`;
    if (target === "files.write_address") return `files/2/${String(path).split("/").at(-1)}`;
    if (target === "files.show") return ENTRY;
    if (target === "files.list") {
      return { path: "/open", parent: null, entries: [ENTRY], more: false };
    }
    throw codedError("file.not_found", target);
  }
}

describe("a file that the user chooses", () => {
  it("comes in the form of the plugin's version", async () => {
    const bench = new Bench();
    const url = "http://127.0.0.1:8080/files/1/a.tif";
    const [now] = (await bench.call("showFileDialog", {})) as object[];
    expect(now).toMatchObject({ path: "/open/a.tif", url, name: "a.tif", type: "file" });
    const old = { api_version: "0.1.3" };
    expect(await bench.call("showFileDialog", {}, old)).toBe("/open/a.tif");
    expect(await bench.call("showFileDialog", { mode: "multiple" }, old)).toEqual(["/open/a.tif"]);
    expect(await bench.call("showFileDialog", { return_object: true }, old)).toMatchObject({
      path: "/open/a.tif",
    });
    const then = await bench.call("showFileDialog", { uri_type: "url" }, { api_version: "0.1.7" });
    expect(then).toMatchObject({ type: "imjoy/url", url, path: "/open/a.tif" });
  });

  it("may be none, which each version is told in its way", async () => {
    const bench = new Bench();
    bench.chosen = null;
    expect(await bench.call("showFileDialog", {})).toEqual([]);
    expect(await bench.call("showFileDialog", {}, { api_version: "0.1.7" })).toBeNull();
    await expect(bench.call("showFileDialog", {}, { api_version: "0.1.3" })).rejects.toMatchObject({
      code: "rpc.cancelled",
    });
  });

  it("is chosen by the browser's own dialog without an engine", async () => {
    const bench = new Bench();
    bench.connected = false;
    bench.browserFiles = [new File(["x"], "x.txt")];
    const [chosen] = (await bench.call("showFileDialog", {})) as { name: string; file: File }[];
    expect(chosen).toMatchObject({ name: "x.txt", path: "x.txt" });
    expect(await chosen?.file.text()).toBe("x");
  });

  it("may be used without another question, and nothing else may", async () => {
    const bench = new Bench();
    await bench.call("showFileDialog", {});
    bench.asked.length = 0;
    const url = await bench.call("getFileUrl", { path: "/open/a.tif" });
    expect(url).toBe("http://127.0.0.1:8080/files/1/a.tif");
    expect(await bench.call("getFilePath", { url })).toBe("/open/a.tif");
    expect(bench.asked).toEqual([]);
    bench.agrees = false;
    for (const path of ["/open/b.tif", "/open/a.tif2", "/open"]) {
      await expect(bench.call("getFileUrl", { path })).rejects.toMatchObject({
        code: "plugin.permission",
      });
    }
    expect(bench.asked).toHaveLength(3);
  });
});

describe("the file manager of the engine", () => {
  it("is found by its address, and asks before it gives anything", async () => {
    const bench = new Bench();
    const manager = (await bench.call("getFileManager", "http://127.0.0.1:8080")) as Record<
      string,
      (...args: unknown[]) => Promise<unknown>
    >;
    expect(await manager.listFiles?.("/open")).toMatchObject({ success: true, type: "dir" });
    expect(await manager.requestUploadUrl?.({ dir: "/open", path: "new.tif" })).toBe(
      "http://127.0.0.1:8080/files/2/new.tif",
    );
    const file = (await manager.getFile?.("/open/a.tif")) as File;
    expect(await file.text()).toBe("data");
    // The folder that was agreed to first stands for what is in it, but not for writing there.
    const verbs = ["read", "write"];
    expect(bench.asked).toEqual(verbs.map((verb) => `Let P ${verb} a file on the engine?`));
    await expect(manager.getFileUrl?.({})).rejects.toThrow("did not say which file");
  });

  it("is the usual one, and its engine has the same address", async () => {
    const bench = new Bench();
    expect(await bench.call("getFileManager")).toMatchObject({ url: "http://127.0.0.1:8080" });
    for (const address of [undefined, "http://127.0.0.1:8080"]) {
      const engine = await bench.call("getEngine", address);
      expect(engine).toMatchObject({ type: "engine", url: "http://127.0.0.1:8080" });
    }
    await expect(bench.call("getEngine", "http://other")).rejects.toMatchObject({
      code: "plugin.not_found",
    });
  });

  it("asks no plugin that has the rights of the user already", async () => {
    const bench = new Bench();
    await bench.call("getFileUrl", "/open/x", { type: "native-python" });
    expect(bench.asked).toEqual([]);
  });

  it("cannot be replaced by that of a plugin", async () => {
    const bench = new Bench();
    const value = { url: "http://127.0.0.1:8080", getFileUrl: () => "stolen" };
    bench.registry.add({ type: "file-manager", name: "M", owner: "q", address: "b", value });
    const given = { path: "/open/a.tif", file_manager: "http://127.0.0.1:8080" };
    expect(await bench.call("getFileUrl", given)).toContain("/files/1/");
    bench.registry.add({
      type: "file-manager",
      name: "N",
      owner: "q",
      address: "b",
      value: { url: "n://", getFileUrl: () => "its own" },
    });
    expect(await bench.call("getFileUrl", { path: "x", file_manager: "n://" })).toBe("its own");
  });

  it("is not there without an engine", async () => {
    const bench = new Bench();
    bench.connected = false;
    for (const name of ["getFileUrl", "requestUploadUrl", "getFileManager"]) {
      await expect(bench.call(name, "http://127.0.0.1:8080")).rejects.toMatchObject({
        code: "plugin.not_found",
      });
    }
  });
});
