import { describe, expect, it } from "vitest";
import { cleaned, isWish, readWish, withWorkspace } from "./wish";

const read = (rest: string) => readWish(new URL(`http://localhost:8080/${rest}`));
const clean = (rest: string, done = false) =>
  cleaned(new URL(`http://localhost:8080/${rest}`), done);

it("takes another name of the workspace into the address, where it has one", () => {
  const renamed = (rest: string) =>
    withWorkspace(new URL(`http://localhost:8080/${rest}`), "A", "B c");
  expect(renamed("?w=A&expose=1")).toBe("/?w=B+c&expose=1");
  expect(renamed("#/app?workspace=A")).toBe("/#/app?workspace=B+c");
  expect(renamed("?workspace=Another")).toBeNull();
  expect(renamed("?expose=1")).toBeNull();
  expect(renamed("?start=X&w=400")).toBeNull();
});

describe("what an address asks for", () => {
  it("is read from the query and from the fragment, by long and by short names", () => {
    for (const rest of [
      "?p=a/b:C&w=Mine&l=http://x/y.tif",
      "#/app?p=a/b:C&w=Mine&l=http://x/y.tif",
    ]) {
      expect(read(rest)).toMatchObject({
        workspace: "Mine",
        plugins: [{ source: "a/b:C", tag: null, upgrade: false }],
        open: ["http://x/y.tif"],
        run: null,
      });
    }
    expect(read("#/app?plugin=X&tag=GPU&upgrade=1").plugins).toEqual([
      { source: "X", tag: "GPU", upgrade: true },
    ]);
  });

  it("takes several plugins, repositories and files", () => {
    const wish = read("?plugin=A&plugin=B&repo=a/b&r=c/d&open=sample:coins&open=http://x/y.png");
    expect(wish.plugins.map(({ source }) => source)).toEqual(["A", "B"]);
    expect(wish.repositories).toEqual(["a/b", "c/d"]);
    expect(wish.open).toEqual(["sample:coins", "http://x/y.png"]);
  });

  it("gives a plugin that is started all other parameters, and the file that it names", () => {
    const wish = read(
      '#/app?start=Viewer&load=http://x/t.csv&w=400&fullscreen=1&zoom=3&data={"a":1}',
    );
    expect(wish).toMatchObject({
      run: "Viewer",
      load: "http://x/t.csv",
      open: [],
      workspace: null,
    });
    expect(wish.fullscreen).toBe(true);
    expect(wish.data).toEqual({ zoom: "3", a: 1, w: "400" });
    expect(wish.size).toEqual({ width: 400 });
    expect(read("#/app?start=imjoy/image&w=20&h=10&src=x.png")).toMatchObject({
      run: "imjoy/image",
      size: { width: 600, height: 300 },
      data: { src: "x.png" },
    });
    expect(read("#/app?start=Viewer&w=wide").size).toBeNull();
    expect(read("#/app?w=20").size).toBeNull();
    expect(read("?data=[not json").data).toEqual({});
  });

  it("is nothing for a plain address, a sign-in, or the check of plugins", () => {
    for (const rest of ["", "#code=abc", "?check", "#"]) expect(isWish(read(rest))).toBe(false);
    expect(isWish(read("?show=jobs"))).toBe(true);
    expect(read("?flags=other,quiet")).toMatchObject({ quiet: true, expose: false });
    expect(read("#/app?expose=1&flags=other")).toMatchObject({ quiet: false, expose: true });
    expect(read("?run=A").run).toBe("A");
    expect(read("?standalone=0").standalone).toBe(false);
    expect(read("?standalone").standalone).toBe(true);
    expect(read("?workflow=abc&spec=x").unknown).toEqual(["workflow", "spec"]);
  });

  it("loses its token at once, and what was done later", () => {
    expect(clean("?engine=http://a&token=secret&plugin=X")).toBe(
      "/?engine=http%3A%2F%2Fa&plugin=X",
    );
    expect(clean("#/app?t=secret&p=X")).toBe("/#/app?p=X");
    expect(clean("#token=secret")).toBe("/");
    expect(clean("#/app?plugin=X&workspace=W", true)).toBe("/#/app?workspace=W");
    expect(clean("?plugin=X&standalone=1", true)).toBe("/?standalone=1");
    expect(clean("#/app?plugin=X", true)).toBe("/");
    expect(clean("#code=abc")).toBe("/#code=abc");
    expect(clean("#/app?start=A&w=12&h=9", true)).toBe("/");
    expect(clean("#/app?start=A&w=Mine", true)).toBe("/#/app?w=Mine");
  });
});
