import { describe, expect, it } from "vitest";
import { parsePlugin } from "../plugins/parser";
import { Libraries } from "./libraries";

const base = new URL("http://x/sub/");
const manifest = { "https://a.org/x.js": { path: "x.js", type: "text/javascript" } };
const get = async (url: URL) =>
  new Response(url.pathname.endsWith("manifest.json") ? JSON.stringify(manifest) : url.pathname);

function memoryCache() {
  const held = new Map<string, Response>();
  return {
    held,
    match: async (url: URL | RequestInfo) => held.get(String(url))?.clone(),
    put: async (url: URL | RequestInfo, response: Response) => {
      held.set(String(url), response);
    },
  };
}

const facts = {
  prefix: "vendor/~key/",
  hosts: ["unpkg.com"],
  missing: [{ address: "unpkg.com/none.js", cause: "It is not there.", remedy: "Look elsewhere." }],
};
const askEngine = async () => new Response(JSON.stringify(facts));

describe("Libraries of the app", () => {
  it("gives the text of what the app brings, from its own folder", async () => {
    const libraries = new Libraries({ base, get, cache: async () => null });
    expect(await libraries.text("https://a.org/x.js")).toBe("/sub/libraries/x.js");
    expect(await libraries.text("https://a.org/y.js")).toBeUndefined();
    expect(await libraries.text("constructor")).toBeUndefined();
  });

  it("has nothing when there is no list", async () => {
    const offline = new Libraries({
      base,
      get: () => Promise.reject(new Error("off")),
      cache: async () => null,
    });
    expect(await offline.text("https://a.org/x.js")).toBeUndefined();
  });
});

describe("Libraries without an engine", () => {
  it("are kept after the first time, so that they are there without a network", async () => {
    const cache = memoryCache();
    let online = true;
    const network = async (url: URL) => {
      if (!online) throw new TypeError("Failed to fetch");
      return new Response(url.pathname.endsWith("manifest.json") ? "{}" : `text of ${url}`);
    };
    const first = new Libraries({ base, get: network, cache: async () => cache });
    expect(await first.text("https://a.org/y.js")).toBe("text of https://a.org/y.js");
    online = false;
    const later = new Libraries({ base, get: network, cache: async () => cache });
    expect(await later.text("https://a.org/y.js")).toBe("text of https://a.org/y.js");
    expect(await later.text("https://a.org/never.js")).toBeUndefined();
  });

  it("have absolute addresses in their style sheets", async () => {
    const css = `@import "b.css"; a{background:url('../i.png')} b{src:url(data:x)} c{src:url(//d/e)}`;
    const network = async () => new Response(css, { headers: { "content-type": "text/css" } });
    const libraries = new Libraries({ base, get: network, cache: async () => memoryCache() });
    expect(await libraries.text("https://a.org/s/a.css")).toBe(
      `@import "https://a.org/s/b.css"; a{background:url('https://a.org/i.png')} b{src:url(data:x)} c{src:url(//d/e)}`,
    );
  });
});

describe("Libraries with an engine", () => {
  const libraries = new Libraries({ base, get, askEngine });
  const source = parsePlugin(`<config lang="json">{"name": "P", "type": "window",
"requirements": ["https://unpkg.com/a.js", "https://b.org/b.js", "nope"]}</config>
<script lang="javascript"></script>`);

  it("are loaded by the frame itself, from the mirror", async () => {
    expect(await libraries.mirrorFor(source)).toEqual({
      prefix: "http://x/sub/vendor/~key/",
      hosts: ["unpkg.com"],
      addresses: ["https://b.org/b.js"],
    });
    expect(await libraries.text("https://unpkg.com/a.js")).toBeUndefined();
    expect(await libraries.text("https://a.org/x.js")).toBe("/sub/libraries/x.js");
  });

  it("ask each engine once where they are", async () => {
    let asked = 0;
    let engine: string | null = "one";
    const counting = new Libraries({
      base,
      get,
      engine: () => engine,
      askEngine: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new TypeError("off")) : askEngine();
      },
    });
    expect(await counting.mirrorFor(source)).toBeNull(); // and it is asked again
    for (let i = 0; i < 3; i += 1) expect(await counting.mirrorFor(source)).not.toBeNull();
    await counting.text("https://unpkg.com/a.js");
    expect(asked).toBe(2);
    engine = "two";
    await counting.mirrorFor(source);
    expect(asked).toBe(3);
    engine = null;
    expect(await counting.mirrorFor(source)).toBeNull();
    expect(asked).toBe(3);
  });

  it("say why they are missing", async () => {
    const error = await libraries.whyMissing("https://unpkg.com/none.js?v=1");
    expect(error?.message).toContain("It is not there. Look elsewhere.");
    expect(await libraries.whyMissing("https://unpkg.com/other.js")).toBeNull();
    expect(await new Libraries({ base, get }).whyMissing("https://unpkg.com/none.js")).toBeNull();
  });
});
