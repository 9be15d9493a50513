import { afterEach, describe, expect, it, vi } from "vitest";
import { Library } from "./library";
import { repositoryRoot } from "./repository";

const base = new URL("http://localhost:8080/");
const lists: Record<string, unknown> = {
  "http://localhost:8080/repository/manifest.imjoy.json": { plugins: [{ name: "Own" }] },
  "https://raw.githubusercontent.com/a/b/master/manifest.imjoy.json": {
    uri_root: "plugins",
    plugins: [
      { name: "Far Away", cover: ["c.png"], tags: ["CPU", "GPU"] },
      { name: "Abs", uri: "https://x.org/a.imjoy.html" },
      { name: "Off", disabled: true },
    ],
  },
};

function serve() {
  vi.stubGlobal("fetch", async (url: URL) => {
    const found = lists[String(url)];
    return found ? Response.json(found) : new Response("", { status: 404 });
  });
}

const noEngine = async (): Promise<null> => null;

afterEach(() => vi.unstubAllGlobals());

describe("the library", () => {
  it("holds the plugins of the app and of the repositories that were added", async () => {
    serve();
    const storage = new Map<string, string>();
    const kept = {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => void storage.set(key, value),
    };
    const library = new Library(base, noEngine, kept);
    await library.read();
    await library.add("a/b");
    expect(
      library.entries.get().map(({ name, repository, path }) => [name, repository, path]),
    ).toEqual([
      ["Own", "", "repository/Own.imjoy.html"],
      [
        "Far Away",
        "a/b",
        "https://raw.githubusercontent.com/a/b/master/plugins/Far%20Away.imjoy.html",
      ],
      ["Abs", "a/b", "https://x.org/a.imjoy.html"],
    ]);
    expect(new Library(base, noEngine, kept).repositories.get()).toEqual(["a/b"]);
    library.remove("a/b");
    expect(library.entries.get()).toHaveLength(1);
    expect(new Library(base, noEngine, kept).repositories.get()).toEqual([]);
  });

  it("has what the engine has copies of, without a network", async () => {
    serve();
    let connected = false;
    const copy = { plugins: [{ name: "Copied" }, { name: "Far Away", version: "2" }] };
    const engine = async (target: string, [address]: readonly unknown[]): Promise<unknown> => {
      if (!connected) return null;
      if (target === "engine.repositories") return ["user/kept"];
      return String(address).includes("/user/kept/master/manifest") ? JSON.stringify(copy) : null;
    };
    const library = new Library(base, engine, null);
    await library.read();
    expect(library.entries.get().map(({ name }) => name)).toEqual(["Own"]);
    connected = true;
    await library.readElsewhere();
    expect(library.entries.get().map(({ name }) => name)).toEqual(["Own", "Copied", "Far Away"]);
    expect(library.repositories.get()).toEqual([]);
    await library.add("user/kept");
    expect(library.entries.get()).toHaveLength(3);
  });

  it("says what is wrong with an address", async () => {
    serve();
    const library = new Library(base, noEngine, null);
    await expect(library.add("c/d")).rejects.toThrow("There is no list of plugins at");
    await expect(library.add("no repository")).rejects.toThrow("is no repository");
    expect(library.repositories.get()).toEqual([]);
  });

  it("finds the folder of a repository by every way to write it", () => {
    const root = "https://raw.githubusercontent.com/a/b/master/";
    for (const address of ["a/b", "https://github.com/a/b", "https://github.com/a/b.git"]) {
      expect(repositoryRoot(address).href).toBe(root);
    }
    expect(repositoryRoot("a/b@dev").href).toBe(root.replace("master", "dev"));
    expect(repositoryRoot("https://github.com/a/b/tree/dev").href).toContain("/dev/");
    expect(repositoryRoot("http://x/y/manifest.imjoy.json").href).toBe("http://x/y/");
    expect(repositoryRoot("http://x/y").href).toBe("http://x/y/");
  });
});
