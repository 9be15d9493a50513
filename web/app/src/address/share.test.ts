import { describe, expect, it } from "vitest";
import type { DataItem, PluginEntry, Sample } from "../model";
import { shareLink } from "./share";
import { readWish } from "./wish";

const base = new URL("http://localhost:8080/lab/");
const plugin = (name: string, origin: string, tag: string | null = null) =>
  ({ source: { origin, tag, manifest: { name } } }) as unknown as PluginEntry;
const item = (name: string, origin: string) => ({ name, origin }) as DataItem;
const samples = [{ id: "coins", name: "Synthetic coins" } as Sample];

describe("the link to a workspace", () => {
  it("does not lead into a workspace that everybody has", () => {
    const { link } = shareLink({ base, name: "My workspace", plugins: [], items: [], samples });
    expect(readWish(new URL(link)).workspace).toBe("Shared workspace");
  });

  it("is read as what it was made of", () => {
    const { link, left } = shareLink({
      base,
      name: "Cells & more",
      plugins: [
        plugin("Blur", "http://localhost:8080/lab/repository/blur.imjoy.html"),
        plugin("Far", "https://x.org/far.imjoy.html", "GPU"),
      ],
      items: [item("Synthetic coins", "sample"), item("a.tif", "https://x.org/a.tif?b=1&c=2")],
      samples,
    });
    expect(link.startsWith("http://localhost:8080/lab/#/app?")).toBe(true);
    expect(left).toEqual([]);
    const wish = readWish(new URL(link));
    expect(wish.workspace).toBe("Cells & more");
    expect(wish.plugins.map(({ source }) => source)).toEqual([
      "Blur",
      "https://x.org/far.imjoy.html@GPU",
    ]);
    expect(wish.open).toEqual(["sample:coins", "https://x.org/a.tif?b=1&c=2"]);
  });

  it("says what it does not hold", () => {
    const { left } = shareLink({
      base,
      name: "Mine",
      plugins: [plugin("Own", "own.imjoy.html")],
      items: [item("b.tif", "b.tif"), item("c", "result of Blur")],
      samples,
    });
    expect(left.map((text) => text.split(":")[0])).toEqual([
      "the plugin Own",
      "the image b.tif",
      "the image c",
    ]);
  });
});
