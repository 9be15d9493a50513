import { describe, expect, it } from "vitest";
import { memoryDatabase } from "../workspaces/database";
import { makeCard } from "./card";
import { Catalog, type PluginRecord } from "./catalog";
import { Dependencies, nameOf } from "./dependencies";
import { codedError, toFailure } from "./failure";
import { parsePlugin } from "./parser";
import { hostsOf } from "./permissions";
import { readRequirement } from "./requirements";
import { sha256 } from "./sha256";
import { downloadByName, downloadPlugin, rawUrl, readRepositoryAddress, splitTag } from "./source";

const file = (config: object): string =>
  `<config>${JSON.stringify(config)}</config><script>api.export({})</script>`;
const plugin = (config: object) => parsePlugin(file({ name: "A", type: "iframe", ...config }));

describe("sha256", () => {
  it.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("of a text of FIPS 180", (text, hash) => {
    expect(sha256(text)).toBe(hash);
  });

  it("agrees with the platform on every length around a block", async () => {
    for (let length = 50; length < 70; length += 1) {
      const bytes = new Uint8Array(length).fill(length);
      const platform = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      expect(sha256(bytes)).toBe(Buffer.from(platform).toString("hex"));
    }
  });
});

describe("makeCard", () => {
  it("says that a Python plugin can touch everything, and that an engine is missing", () => {
    const source = plugin({ type: "native-python", requirements: ["pip: numpy", "scipy"] });
    const card = makeCard(source, { engine: false });
    expect(card.runsIn).toContain("Python process");
    expect(card.needs).toContain("The Python packages numpy, scipy.");
    expect(card.mayTouch.join(" ")).toContain("All files");
    expect(card.problems[0]).toContain("No Python engine");
    expect(makeCard(source, { engine: true }).problems).toEqual([]);
  });

  it("says which network a plugin of the page reaches", () => {
    const touches = (network: unknown): string =>
      JSON.stringify(hostsOf(makeCard(plugin({ network }), { engine: false }).permissions.get()));
    expect(touches(undefined)).toBe("null");
    expect(touches("none")).toBe("[]");
    expect(touches(["example.org"])).toBe('["example.org"]');
  });

  it("names libraries, unknown requirements, broken forms and the version it replaces", () => {
    const source = plugin({ requirements: ["https://a.org/x.js", "numpy"], ui: "{id 1}" });
    const card = makeCard(source, { engine: false, replaces: { version: "1" } });
    expect(card.needs).toEqual(["The library https://a.org/x.js."]);
    expect(card.problems).toHaveLength(2);
    expect(card.replaces).toEqual({ version: "1" });
  });
});

describe("readRequirement", () => {
  it.each([
    ["https://a.org/x.js", "script", "https://a.org/x.js"],
    ["https://a.org/vue@2.6", "script", "https://a.org/vue@2.6"],
    ["https://a.org/x.css?v=1", "style", "https://a.org/x.css?v=1"],
    ["css: https://a.org/x", "style", "https://a.org/x"],
    ["https://a.org/css?family=Inter", "style", "https://a.org/css?family=Inter"],
    ["https://a.org/icon?family=Cells", "style", "https://a.org/icon?family=Cells"],
    ["https://a.org/css", "script", "https://a.org/css"],
    ["https://a.org/x.mjs", "module", "https://a.org/x.mjs"],
    ["cache:https://a.org/x", "cache", "https://a.org/x"],
    ["numpy", "unknown", "numpy"],
  ])("%s", (text, kind, url) => {
    expect(readRequirement(text)).toEqual({ kind, url, text });
  });
});

describe("addresses", () => {
  it("leads from a page on GitHub to the file", () => {
    expect(rawUrl("https://github.com/u/r/blob/main/a b.imjoy.html?x=1")).toBe(
      "https://raw.githubusercontent.com/u/r/main/a b.imjoy.html",
    );
    expect(rawUrl("https://a.org/github.com/blob/x")).toBe("https://a.org/github.com/blob/x");
  });

  it("takes the tag off", () => {
    expect(splitTag("https://a.org/x.imjoy.html@GPU")).toEqual({
      address: "https://a.org/x.imjoy.html",
      tag: "GPU",
    });
    expect(splitTag("https://a@b.org/x.imjoy.html").tag).toBeNull();
  });

  it("reads names in repositories and follows renamed ones", () => {
    expect(readRepositoryAddress("oeway/ImJoy-Plugins@dev:My Plugin@GPU")).toEqual({
      repository: "imjoy-team/imjoy-plugins",
      revision: "dev",
      name: "My Plugin",
      tag: "GPU",
    });
    expect(readRepositoryAddress("https://a.org/x:y")).toBeNull();
    expect(readRepositoryAddress("Plain Name")).toBeNull();
  });

  it("downloads through the index of a repository", async () => {
    const seen: string[] = [];
    const download = await downloadPlugin("u/r:My Plugin", async (url) => {
      seen.push(url);
      const index = { uri_root: "plugins", plugins: [{ name: "My Plugin" }] };
      return new Response(url.endsWith(".json") ? JSON.stringify(index) : "text");
    });
    expect(download.text).toBe("text");
    expect(seen[1]).toBe(
      "https://raw.githubusercontent.com/u/r/master/plugins/My%20Plugin.imjoy.html",
    );
  });

  /** A web of a few files; every other address is answered with 404. */
  const web =
    (files: Record<string, string>, seen: string[] = []) =>
    async (url: string): Promise<Response> => {
      seen.push(url);
      return Object.hasOwn(files, url)
        ? new Response(files[url])
        : new Response("", { status: 404 });
    };
  const RAW = "https://raw.githubusercontent.com/";

  it.each([
    ["https://a.org/x.imjoy.html@GPU", "https://a.org/x.imjoy.html", "GPU"],
    ["https://github.com/u/r/blob/main/x.imjoy.html", `${RAW}u/r/main/x.imjoy.html`, null],
    ["https://github.com/u/r/raw/v1/x.imjoy.html@CPU", `${RAW}u/r/v1/x.imjoy.html`, "CPU"],
    ["u/r:My Plugin", `${RAW}u/r/master/My%20Plugin.imjoy.html`, null],
    ["u/r@dev:my plugin@GPU", `${RAW}u/r/dev/a%20b.imjoy.html`, "GPU"],
    ["u/other:Encoded", `${RAW}u/other/main/sub/En%20coded.imjoy.html`, null],
    ["OEway/ImJoy-Plugins:Old", `${RAW}imjoy-team/imjoy-plugins/master/Old.imjoy.html`, null],
    ["Old@x", `${RAW}imjoy-team/imjoy-plugins/master/Old.imjoy.html`, "x"],
    ["https://gist.github.com/user/abc123#file-x", "https://gist/raw/x.imjoy.html", null],
  ])("finds the file behind %s", async (address, origin, tag) => {
    const index = (...plugins: object[]): string => JSON.stringify({ plugins });
    const gist = {
      "x.imjoy.html": { filename: "x.imjoy.html", raw_url: "https://gist/raw/x.imjoy.html" },
    };
    const get = web({
      [origin]: "the plugin",
      [`${RAW}u/r/master/manifest.imjoy.json`]: index({ name: "My Plugin" }),
      [`${RAW}u/r/dev/manifest.imjoy.json`]: index({ name: "My Plugin", uri: "a b.imjoy.html" }),
      [`${RAW}u/other/main/manifest.imjoy.json`]: JSON.stringify({
        uri_root: "sub",
        plugins: [null, { name: "Encoded", uri: "En%20coded.imjoy.html" }],
      }),
      [`${RAW}imjoy-team/imjoy-plugins/master/manifest.imjoy.json`]: index({ name: "Old" }),
      "https://api.github.com/gists/abc123": JSON.stringify({ files: gist }),
    });
    expect(await downloadPlugin(address, get)).toEqual({ text: "the plugin", origin, tag });
  });

  it("looks for a bare name beside the plugin that names it first", async () => {
    const seen: string[] = [];
    const index = JSON.stringify({ plugins: [{ name: "Helper" }] });
    const root = `${RAW}u/r/v2/`;
    const get = web(
      { [`${root}manifest.imjoy.json`]: index, [`${root}Helper.imjoy.html`]: "helper" },
      seen,
    );
    const found = await downloadByName("Helper", `${root}Parent.imjoy.html`, get);
    expect(found.text).toBe("helper");
    expect(seen[0]).toBe(`${root}manifest.imjoy.json`);
    const file = await downloadByName("Helper.imjoy.html@big", `${root}Parent.imjoy.html`, get);
    expect(file).toEqual({ text: "helper", origin: `${root}Helper.imjoy.html`, tag: "big" });
    const none = downloadByName("Nobody", "", web({}));
    await expect(none).rejects.toThrow(/no repository has a plugin of that name.*user\/repository/);
  });

  it("names address, reason and remedy when it fails", async () => {
    const gone = downloadPlugin("https://a.org/x", async () => new Response("", { status: 404 }));
    await expect(gone).rejects.toMatchObject({
      code: "plugin.load_failed",
      message: expect.stringMatching(/https:\/\/a\.org\/x .*404.*address/),
    });
    const offline = downloadPlugin("https://a.org/x", () => Promise.reject(new TypeError("x")));
    await expect(offline).rejects.toThrow(/drop it on the page/);
    await expect(downloadPlugin("nonsense", web({}))).rejects.toThrow(/https:\/\//);
    await expect(downloadPlugin("ftp://x/y")).rejects.toThrow(/https:\/\//);
    const broken = downloadPlugin("u/r:A", async () => new Response("no json"));
    await expect(broken).rejects.toThrow(/not valid JSON/);
  });
});

describe("Dependencies", () => {
  const named = (name: string, dependencies: string[]) => ({
    id: name,
    source: plugin({ name, dependencies }),
  });

  it("are installed once, in a circle too, and a missing one is named with its reason", async () => {
    const world: Record<string, string[]> = {
      A: ["u/r:B", "u/r@v1:C@tag", "https://a.org/Gone.imjoy.html", "Declined"],
      B: ["u/r:A", "C"],
      C: ["A", "B"],
    };
    const there = new Set<string>();
    const asked: string[] = [];
    const told: string[] = [];
    const install = async (name: string): Promise<string> => {
      there.add(name);
      await dependencies.install(named(name, world[name] ?? []));
      return name;
    };
    const dependencies = new Dependencies({
      catalog: { byName: (name) => (there.has(name) ? named(name, []) : undefined) },
      install: async (address) => {
        asked.push(address);
        if (address.includes("Gone")) throw new Error("404");
        return address === "Declined" ? null : install(nameOf(address));
      },
      log: (id, text) => told.push(`${id}: ${text}`),
    });
    await install("A");
    expect(asked).toEqual(["u/r:B", "C", "https://a.org/Gone.imjoy.html", "Declined"]);
    expect([...there]).toEqual(["A", "B", "C"]);
    expect(told).toEqual([
      "A: It asks for u/r@v1:C@tag; the installed C is used.",
      expect.stringMatching(/^A: .*Gone\.imjoy\.html \(404\), Declined \(you did not install it\)/),
    ]);
  });

  it.each([
    ["u/r@v1:My Plugin@tag", "My Plugin"],
    ["https://a.org/My%20Plugin.imjoy.html@tag", "My Plugin"],
    ["Plain name@tag", "Plain name"],
  ])("the name in %s", (address, name) => expect(nameOf(address)).toBe(name));
});

describe("Catalog", () => {
  const load = async (database: ReturnType<typeof memoryDatabase>, broken: unknown[] = []) => {
    const catalog = new Catalog(database.table<PluginRecord>("plugins"));
    await catalog.load((record) => broken.push(record));
    return catalog;
  };

  it("has what was installed after a reload, and not what was removed", async () => {
    const database = memoryDatabase();
    const catalog = await load(database);
    const a = await catalog.install(plugin({}));
    const b = await catalog.install(plugin({ name: "B" }));
    await catalog.remove(b.id);
    const again = await load(database);
    expect(again.list().map(({ id }) => id)).toEqual([a.id]);
    expect(again.byName("A")?.source.hash).toBe(a.source.hash);
  });

  it("keeps the id of a plugin that is replaced", async () => {
    const catalog = await load(memoryDatabase());
    const first = await catalog.install(plugin({ version: "1" }));
    const second = await catalog.install(plugin({ version: "2" }));
    expect(second.id).toBe(first.id);
    expect(catalog.get(first.id)?.source.manifest.version).toBe("2");
  });

  it("reports a record that cannot be read and loads the others", async () => {
    const database = memoryDatabase();
    const table = database.table<PluginRecord>("plugins");
    await table.put("x", { id: "x", code: "no", origin: "", tag: null, installedAt: 0 });
    await (await load(database)).install(plugin({}));
    const broken: unknown[] = [];
    expect((await load(database, broken)).list()).toHaveLength(1);
    expect(broken).toHaveLength(1);
  });
});

describe("toFailure", () => {
  it.each([
    ["Failed to fetch https://gone.org/a.json", "Check that your computer reaches gone.org."],
    [
      "Failed to fetch https://far.org:81/b, which the plugin may not reach",
      "Let the plugin reach far.org:81 in its permissions",
    ],
    [
      "HTTPSConnectionPool(host='a.org', port=443): Max retries exceeded with url: /x (Caused by …)",
      "Check that your computer reaches a.org.",
    ],
    ["Failed to fetch", "Read the log of the plugin"],
    ["No module named 'skimage.io'", "has the module skimage to the requirements"],
    ["cannot import name 'document' from 'js' (unknown location)", "web-python-window"],
    ["document is not defined", "the type iframe or window"],
    ["documents is not defined", "Read the log of the plugin"],
  ])("says what to do about an address or a usual mistake: %s", (message, remedy) => {
    const failure = toFailure(codedError("plugin.error", message), "Running X");
    expect(failure.remedy).toContain(remedy);
    expect(failure.cause).toContain(message);
  });

  it("has step, cause and remedy for anything thrown", () => {
    const thrown = ["text", null, new Error("e"), codedError("rpc.peer_gone", "gone")];
    for (const error of thrown) {
      const failure = toFailure(error, "Trying");
      expect(failure.step).toBe("Trying");
      expect(failure.cause).not.toBe("");
      expect(failure.remedy).not.toBe("");
    }
  });

  it.each([
    [{}, "Line 4: SyntaxError: bad"],
    [{ file: "a.imjoy.html" }, "SyntaxError: bad"],
  ])("names the place once: %o", (place, cause) => {
    const data = { cause: "SyntaxError: bad", line: 4, ...place };
    expect(toFailure(codedError("plugin.load_failed", "", data), "S").cause).toBe(cause);
  });

  it("takes what the error knows better", () => {
    const data = { step: "S", cause: "C", remedy: "R", detail: "D" };
    const failure = toFailure(codedError("env.disk", "m", data), "Trying");
    expect(failure).toEqual({ ...data, code: "env.disk" });
    expect(toFailure(Object.assign(new Error("m"), data), "Trying")).toMatchObject(data);
  });
});
