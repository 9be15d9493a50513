import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runtimes } from "../host/runtimes";
import type { WindowContent } from "../model";
import { imageReaders } from "../workspaces/readers";
import { Bench } from "./testing";

type Api = Record<string, (...args: unknown[]) => Promise<unknown>>;
type Shown<K extends WindowContent["kind"]> = Extract<WindowContent, { kind: K }>;

const original = { ...runtimes };
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  runtimes["web-worker"] = bench.runtime;
});
afterEach(() => {
  Object.assign(runtimes, original);
});

async function open(request: object): Promise<{ api: Api; id: string }> {
  const { call } = await bench.as("A");
  const api = (await call("createWindow", request)) as Api & { config: { id: string } };
  return { api, id: api.config.id };
}

function shown<K extends WindowContent["kind"]>(id: string, kind: K): Shown<K> {
  const content = bench.desk.windows.get(id)?.content;
  if (content?.kind !== kind) throw new Error(`It shows ${content?.kind}.`);
  return content as Shown<K>;
}

describe("built-in views", () => {
  it("tell of a form what is entered and pressed", async () => {
    const ui =
      "Size {id:'size', type:'number', placeholder:2} {id:'go', type:'button', label:'Go'}";
    const { api, id } = await open({ ui });
    const told: unknown[] = [];
    await api.on?.("change", (event: unknown) => void told.push(event));
    await api.on?.("go", (event: unknown) => void told.push(event));
    shown(id, "form").onChange?.("size", 5);
    shown(id, "form").onPress?.("go");
    await expect
      .poll(() => told)
      .toEqual([{ id: "size", value: 5, config: { size: 5 } }, { size: 5 }]);
    expect(shown(id, "form").answers).toMatchObject({ size: 5 });
  });

  it.each([
    ["imjoy/image", { src: "https://gone.org/a.png" }],
    ["imjoy/image-compare", { first: "//gone.org/a.png", second: "//gone.org/b.png" }],
  ])("open without a picture that has gone, and say which: %s", async (type, data) => {
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    try {
      bench.desk.readers.readImageUrl = imageReaders(async () => []).readImageUrl;
      const { api, id } = await open({ type, name: "Looks", data });
      expect(shown(id, "markdown").source).toContain("https://gone.org/a.png could not be fetched");
      await api.close?.();
      expect(bench.desk.windows.isOpen(id)).toBe(false);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it("open the editor with a file that is no version of what is installed", async () => {
    const request = { type: "imjoy/plugin-editor", name: "My Plugin", data: { code: "<config>" } };
    const { api, id } = await open(request);
    const blank = { kind: "editor", file: "my-plugin.imjoy.html", plugin: null, saved: null };
    expect(shown(id, "editor")).toEqual({ ...blank, text: "<config>" });
    await api.run?.({ data: { code: "2" } });
    expect(shown(id, "editor").text).toBe("2");
  });

  it("call back for what is done with a tree, and take no more nodes than can be shown", async () => {
    const told: unknown[] = [];
    const many = Array.from({ length: 6000 }, (_, i) => ({ title: `n ${i}` }));
    const config = {
      nodes: [{ title: "a", children: [{ name: "b" }], isExpanded: true }, "c", ...many],
      node_select_callback: (nodes: unknown) => void told.push(nodes),
      node_toggle_callback: () => {
        throw new Error("the plugin's own");
      },
    };
    const { api, id } = await open({ type: "imjoy/tree", config });
    const { nodes, onEvent } = shown(id, "tree");
    expect(nodes.slice(0, 2)).toEqual([
      { title: "a", children: [{ title: "b" }], isExpanded: true },
      { title: "c" },
    ]);
    expect(nodes.length).toBeLessThanOrEqual(5000);
    onEvent?.("select", nodes[1] as (typeof nodes)[0]);
    onEvent?.("toggle", nodes[0] as (typeof nodes)[0]);
    await expect.poll(() => told).toEqual([[{ title: "c" }]]);
    expect(await api.getSelected?.()).toEqual([{ title: "c" }]);
  });

  it("show what a terminal gets without its codes, and send what is entered", async () => {
    const { api, id } = await open({ type: "imjoy/terminal" });
    const keys: unknown[] = [];
    await api.on?.("key", (key: unknown) => void keys.push(key));
    await api.write?.("\u001b[31mred\u001b[0m\r\nline");
    expect(shown(id, "terminal").text).toBe("red\nline");
    shown(id, "terminal").onInput?.("ls");
    await expect.poll(() => keys).toEqual(["ls\r"]);
  });
});

describe("windows", () => {
  it("are hidden, shown again by whoever goes to them, and sized in cells or pixels", async () => {
    const { api, id } = await open({ type: "imjoy/generic", data: 1 });
    const { windows } = bench.desk;
    await api.hide?.();
    expect([windows.get(id)?.hidden, windows.active.get()]).toEqual([true, null]);
    windows.active.set(id);
    expect(windows.get(id)?.hidden).toBe(false);
    await api.resize?.({ w: 10, height: 200 });
    expect(windows.get(id)?.size).toEqual({ width: 300, height: 200 });
    await api.resize?.({ w: -1 });
    expect(windows.get(id)?.size).toEqual({ width: 300, height: 200 });
  });
});
