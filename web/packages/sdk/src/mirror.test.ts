import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installMirror, mapStyle } from "./mirror";

const facts = {
  prefix: "http://e/vendor/~k/",
  hosts: ["unpkg.com"],
  addresses: ["https://b.org/b.js"],
};
const realm = globalThis as unknown as Record<string, unknown>;
const own = { fetch: realm.fetch, importScripts: realm.importScripts, Worker: realm.Worker };

describe("installMirror", () => {
  let asked: unknown[] = [];
  beforeEach(() => {
    asked = [];
    realm.fetch = async (input: unknown) => asked.push(input);
    realm.importScripts = (...urls: unknown[]) => asked.push(...urls);
  });
  afterEach(() => Object.assign(realm, own));

  it.each([
    ["https://unpkg.com/vue@2/a.js?x=1#y", "http://e/vendor/~k/unpkg.com/vue@2/a.js?x=1"],
    ["//unpkg.com/a.js", "http://e/vendor/~k/unpkg.com/a.js"],
    [" HTTPS://UNPKG.com/A.js ", "http://e/vendor/~k/unpkg.com/A.js"],
    ["https://b.org/b.js", "http://e/vendor/~k/b.org/b.js"],
    ["https://b.org/other.js", "https://b.org/other.js"],
    ["https://unpkg.com.evil.org/a.js", "https://unpkg.com.evil.org/a.js"],
    ["https://evil.org/unpkg.com/a.js", "https://evil.org/unpkg.com/a.js"],
    ["https://unpkg.com", "https://unpkg.com"],
    ["blob:null/1", "blob:null/1"],
    ["data:text/javascript,1", "data:text/javascript,1"],
    ["a.js", "a.js"],
  ])("leads %s to %s", (address, expected) => {
    expect(installMirror(facts)(address)).toBe(expected);
  });

  it("changes what a plugin calls to load something", async () => {
    installMirror(facts);
    await fetch("https://unpkg.com/a.json");
    await fetch(new URL("https://unpkg.com/b.json"));
    await fetch(new Request("https://unpkg.com/c.json"));
    await fetch("https://else.org/d.json");
    (realm.importScripts as (...urls: string[]) => void)("https://unpkg.com/e.js", "f.js");
    const addresses = asked.map((input) => (input instanceof Request ? input.url : String(input)));
    expect(addresses).toEqual([
      "http://e/vendor/~k/unpkg.com/a.json",
      "http://e/vendor/~k/unpkg.com/b.json",
      "http://e/vendor/~k/unpkg.com/c.json",
      "https://else.org/d.json",
      "http://e/vendor/~k/unpkg.com/e.js",
      "f.js",
    ]);
  });

  it("starts a worker whose address is taken away at once", async () => {
    const started: Blob[] = [];
    const blobs = new Map<string, Blob>();
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      const url = `blob:null/${blobs.size}`;
      blobs.set(url, blob as Blob);
      return url;
    };
    URL.revokeObjectURL = (url) => void blobs.delete(url);
    realm.Worker = function Worker(url: string) {
      started.push(blobs.get(url) as Blob);
    };
    try {
      installMirror(facts);
      const url = URL.createObjectURL(new Blob(["its own text"]));
      new Worker(url);
      URL.revokeObjectURL(url);
      new Worker("https://unpkg.com/w.js");
      expect(await started[0]?.text()).toMatch(/\)\(\{.*\}\);\nits own text$/s);
      expect(await started[1]?.text()).toMatch(
        /\nimportScripts\("http:\/\/e\/vendor\/~k\/unpkg.com\/w.js"\);$/,
      );
      expect(blobs.size).toBe(0);
    } finally {
      Object.assign(URL, { createObjectURL, revokeObjectURL });
    }
  });

  it("uses nothing outside of itself, because workers get its text", () => {
    const alone = new Function(`return (${installMirror})`)() as typeof installMirror;
    expect(alone(facts)("https://unpkg.com/a.js")).toBe("http://e/vendor/~k/unpkg.com/a.js");
  });
});

describe("mapStyle", () => {
  it("leads addresses in a style sheet to the mirror", () => {
    const map = (address: string) => (address.includes("unpkg") ? "M" : address);
    expect(
      mapStyle(`@import url(https://unpkg.com/a.css); a{b:url("https://x.org/i.png")}`, map),
    ).toBe(`@import url(M); a{b:url("https://x.org/i.png")}`);
  });
});
