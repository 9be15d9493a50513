import { describe, expect, it } from "vitest";
import {
  type DataItem,
  type EngineStatus,
  type PluginEntry,
  type RepositoryEntry,
  type Sample,
  Store,
  type WindowModel,
  type Workbench,
} from "../model";
import { type FollowParts, followWish } from "./follow";
import { readWish } from "./wish";

/** A page that only notes what is done with it. */
function page(given: { plugins?: [string, string][]; agree?: boolean; state?: string } = {}) {
  const done: string[] = [];
  const note = (...words: unknown[]): void =>
    void done.push(
      words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" "),
    );
  const plugins = (given.plugins ?? []).map(([name, origin]) => ({
    id: `id of ${name}`,
    source: { origin, tag: null, manifest: { name, type: "web-worker" } },
  })) as unknown as PluginEntry[];
  const engine = new Store({ state: given.state ?? "none" } as EngineStatus);
  const windows = new Store<WindowModel[]>([]);
  const current = new Store({ name: "First", place: "browser" });
  const workbench = {
    plugins: new Store(plugins),
    repository: new Store([{ name: "Gaussian blur", repository: "" }] as RepositoryEntry[]),
    engine,
    workspaces: {
      current,
      find: (name: string) => (name === "Known" ? { id: "k" } : undefined),
      open: async (id: string) => note("open workspace", id),
      create: async (name: string, place: string) => note("create", name, place),
    },
    confirm: async ({ title }: { title: string }) => {
      note("ask", title);
      return given.agree !== false;
    },
    notify: (level: string, text: string) => note(level, text),
    signIn: async (token: string) => note("sign in", token),
    addRepository: async (address: string) => note("repository", address),
    installFromUrl: async (url: string) => {
      note("install", url);
      return "new";
    },
    installFromRepository: async (name: string) => {
      note("install", name);
      return "new";
    },
    windows,
    items: new Store([
      { name: "Cells", origin: "sample" },
      { name: "a.png", origin: "http://x/a.png" },
    ] as DataItem[]),
    samples: new Store([{ id: "cells", name: "Cells" }] as Sample[]),
    openView: async (type: string, data: unknown) => {
      note("view", type, data);
      windows.set([{ id: "view", title: type, content: { kind: "value", value: data } }]);
    },
    resizeWindow: (id: string, size: unknown) => note("size of", id, size),
    openSample: async (id: string) => note("sample", id),
    openAddress: async (address: string) => note("open", address),
    runPlugin: async (id: string, what?: unknown) => note("run", id, what ?? null),
  } as unknown as Workbench;
  const follow = async (rest: string) => {
    const here = new URL(`http://localhost:8080/${rest}`);
    const parts: FollowParts = {
      workbench,
      here,
      show: (view) => {
        if (view === "nonsense") return ["plugins", "jobs"];
        note("show", view);
        return null;
      },
      search: (text) => note("search", text),
      maximise: () => note("maximise"),
      go: (address) => note("go", address),
      fetch: async (address: URL | RequestInfo) =>
        String(address).endsWith("missing.txt")
          ? new Response("", { status: 404 })
          : new Response('{"rows":2}'),
    };
    await followWish(parts, readWish(here));
    return done;
  };
  return { follow };
}

describe("an address is followed", () => {
  it("in the order workspace, repository, plugins, data, view", async () => {
    const rest = "?show=jobs&open=sample:coins&open=a.tif&plugin=gaussian blur&r=u/r&w=Lab";
    expect(await page().follow(rest)).toEqual([
      "create Lab browser",
      "repository u/r",
      "show library",
      "install Gaussian blur",
      "sample coins",
      "open http://localhost:8080/a.tif",
      "show jobs",
    ]);
    expect(await page().follow("?show=nonsense")).toEqual([
      'info The address asks for the view "nonsense", which there is not. These can be shown: plugins, jobs.',
    ]);
    expect(await page().follow("?w=Known")).toEqual(["open workspace k"]);
    expect(await page().follow("?w=sandbox")).toEqual(["create sandbox temporary"]);
    expect(await page().follow("?w=First")).toEqual([]);
  });

  it("without asking again for a plugin that is here from there, unless it is to be renewed", async () => {
    const plugins: [string, string][] = [["Mine", "https://x.org/mine.imjoy.html"]];
    const address = "plugin=https://x.org/mine.imjoy.html";
    expect(await page({ plugins }).follow(`?${address}`)).toEqual([]);
    expect(await page({ plugins }).follow(`?${address}&upgrade=1`)).toEqual([
      "install https://x.org/mine.imjoy.html",
    ]);
    expect(await page({ plugins }).follow("?plugin=https://evil.org/mine.imjoy.html")).toEqual([
      "install https://evil.org/mine.imjoy.html",
    ]);
    expect(await page().follow("?plugin=no such")).toEqual(["search no such"]);
  });

  it("and runs a plugin that was here before only when the user agrees", async () => {
    const plugins: [string, string][] = [["Mine", ""]];
    const rest = "?start=Mine&load=t.json&zoom=3&fullscreen=1";
    expect(await page({ plugins }).follow(rest)).toEqual([
      "ask Run Mine?",
      'run id of Mine {"data":{"zoom":"3","loaded":{"rows":2}},"config":{"zoom":"3"}}',
      "maximise",
    ]);
    expect(await page({ plugins, agree: false }).follow(rest)).toEqual(["ask Run Mine?"]);
    expect((await page().follow("?run=None"))[0]).toMatch(
      /^error Running None: There is no plugin/,
    );
  });

  it("and shows a built-in view on what it is given, in the size that is asked for", async () => {
    expect(await page().follow("?start=imjoy/image&src=a.png&w=20&h=10&fullscreen=1")).toEqual([
      'view imjoy/image {"src":"a.png","w":"20","h":"10"}',
      'size of view {"width":600,"height":300}',
      "maximise",
    ]);
  });

  it("and gives a built-in view the file of the address, or says that there is none", async () => {
    expect(await page().follow("?start=imjoy/markdown&load=data.json")).toEqual([
      'view imjoy/markdown {"loaded":{"rows":2}}',
    ]);
    const [said] = await page().follow("?start=imjoy/markdown&load=missing.txt");
    expect(said).toContain("404");
  });

  it("at the engine that it names, with the token in the fragment alone", async () => {
    const rest = "?engine=http://other:9527/x&token=secret&plugin=A&workspace=W";
    expect(await page().follow(rest)).toEqual([
      "ask Open the page of another engine?",
      "go http://other:9527/#/app?plugin=A&workspace=W&token=secret",
    ]);
    const own = "?engine=http://localhost:8080&token=secret";
    expect(await page({ state: "signed-out" }).follow(own)).toEqual(["sign in secret"]);
    expect(await page().follow("?engine=javascript:alert(1)")).toEqual([
      "info The address names no engine that can be opened.",
    ]);
  });

  it("and opens what is in a workspace once, and what is asked for without one each time", async () => {
    const rest = "open=sample:cells&open=http://x/a.png&open=sample:coins";
    expect(await page().follow(`?workspace=First&${rest}`)).toEqual(["sample coins"]);
    expect(await page().follow(`?${rest}`)).toEqual([
      "sample cells",
      "open http://x/a.png",
      "sample coins",
    ]);
  });

  it("and says what it does not know", async () => {
    expect((await page().follow("?workflow=abc"))[0]).toContain('"workflow"');
    expect((await page().follow("?data={bad&show=jobs"))[0]).toContain('no valid JSON in "data"');
    expect((await page().follow("#/about"))[0]).toContain('the page "about"');
  });

  it("and goes to the pages of earlier versions", async () => {
    expect(await page().follow("#/repo")).toEqual(["show library"]);
    expect(await page().follow("#/lite?plugin=A")).toEqual([
      "go http://localhost:8080/lite.html#/lite?plugin=A",
    ]);
  });
});
