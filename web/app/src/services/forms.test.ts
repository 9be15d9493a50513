import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runtimes } from "../host/runtimes";
import { Operators } from "./operators";
import { Bench } from "./testing";

const original = { ...runtimes };
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  runtimes["web-worker"] = bench.runtime;
});
afterEach(() => {
  vi.useRealTimers();
  Object.assign(runtimes, original);
});

const ui = [
  "Size {id: 'size', type: 'number', placeholder: 2}",
  "{id: 'go', type: 'button', label: 'Go'}",
];

describe("operations of plugins", () => {
  it("are shown below their plugin with their forms until they are taken back", async () => {
    const { id, call } = await bench.as("A");
    await call("register", { type: "op", name: "double", ui, run: () => 1, show_panel: false });
    await call("register", { name: "half", ui: { properties: { n: { type: "integer" } } } });
    const ops = () => bench.entries.get(id)?.ops ?? [];
    expect(ops().map(({ name, open }) => [name, open])).toEqual([
      ["double", false],
      ["half", true],
    ]);
    expect((await bench.desk.settings.all(id, "offered")).double).toMatchObject({ ui });
    expect(ops()[0]?.config).toEqual({ size: 2, go: null });
    await call("register", { name: "half", ui: "{id: 'm', type: 'string'}" });
    expect(ops()[1]?.fields.map((field) => field.id)).toEqual(["m"]);
    expect(await call("unregister", { name: "double", type: "op" })).toBe(true);
    expect(ops().map(({ name }) => name)).toEqual(["half"]);
  });

  it("stay when the plugin ends, and are there after a reload, until another version comes", async () => {
    const { id, call } = await bench.as("A");
    await call("register", { name: "op", ui, run: () => 1 });
    const names = () => bench.entries.get(id)?.ops.map(({ name }) => name);
    bench.desk.registry.remove(() => true);
    expect(names()).toEqual(["op"]);
    const { registry, forms, settings } = bench.desk;
    bench.entries.change(id, { ops: [] });
    const later = new Operators({ registry, entries: bench.entries, forms, settings });
    await later.load(id);
    expect(names()).toEqual(["op"]);
    expect(bench.entries.opOf(id, "op")?.config).toEqual({ size: 2, go: null });
    await later.forget(id);
    expect(names()).toEqual([]);
    expect(await settings.all(id, "offered")).toEqual({});
  });

  it("are refused when their form cannot be read, or when there are too many", async () => {
    const { call } = await bench.as("A");
    await expect(call("register", { name: "x", ui: "n {id 'x'}" })).rejects.toThrow(/id 'x'/);
    for (let i = 0; i < 200; i += 1) await call("register", { name: `op ${i}` });
    await expect(call("register", { name: "one more" })).rejects.toThrow(/at most 200/);
  });

  it("run with their own answers, by the user and by other plugins", async () => {
    const { id, call } = await bench.as("A", { run: () => "the plugin's" });
    await call("register", {
      name: "double",
      ui,
      run: (c: { config: { size: number } }) => c.config.size * 2,
    });
    await call("register", { name: "same" });
    bench.forms.set(id, "size", 5, "double");
    expect(await call("run", "A/double")).toBe(10);
    expect(await call("run", "A/double", { config: { size: 1 } })).toBe(2);
    expect(await call("run", "A/same")).toBe("the plugin's");
  });
});

describe("answers", () => {
  it("are kept, and can be taken back", async () => {
    const { id, call } = await bench.as("A", {}, { ui });
    await call("register", { name: "op", ui });
    bench.forms.set(id, "size", 7);
    bench.forms.set(id, "size", 8, "op");
    expect(bench.forms.answers(id)).toEqual({ size: 7 });
    expect(bench.forms.answers(id, "op")).toEqual({ size: 8 });
    await bench.undo.undo();
    expect(bench.forms.answers(id, "op")).toEqual({ size: 2 });
    await bench.undo.undo();
    expect(bench.forms.answers(id)).toEqual({ size: 2 });
    await bench.undo.redo();
    expect(bench.forms.answers(id)).toEqual({ size: 7 });
    expect(await bench.desk.settings.all(id, "ops")).toEqual({ op: { size: 2 } });
  });

  it("wait for an operation that is registered later, as after a reload", async () => {
    const { id, call } = await bench.as("A");
    bench.forms.restore(id, { size: 9 }, "op");
    await call("register", { name: "op", ui });
    expect(bench.forms.answers(id, "op")).toEqual({ size: 9 });
    expect(bench.forms.ofOperators(id)).toEqual({ op: { size: 9 } });
  });

  it("are told to update, once for many changes, and never twice at a time", async () => {
    const told: unknown[] = [];
    let release = (): void => undefined;
    const update = (context: { config: unknown }) => {
      told.push(context.config);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const { id, call } = await bench.as("A", { update }, { ui });
    await call("register", { name: "op", ui, update });
    for (const size of [3, 4, 5]) bench.forms.set(id, "size", size);
    await vi.waitFor(() => expect(told).toEqual([{ size: 5 }]));
    bench.forms.set(id, "size", 6);
    bench.forms.press(id, "go");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(told).toHaveLength(1);
    release();
    await vi.waitFor(() => expect(told).toEqual([{ size: 5 }, { size: 6 }]));
    release();
    bench.forms.press(id, "go", "op");
    await vi.waitFor(() => expect(told.at(-1)).toEqual({ size: 2, go: true }));
    release();
  });

  it("say in the log when update fails", async () => {
    const update = () => Promise.reject(new Error("cannot preview"));
    const { id } = await bench.as("A", { update }, { ui });
    bench.forms.set(id, "size", 3);
    await vi.waitFor(() => {
      bench.entries.flush();
      expect(bench.entries.get(id)?.log.at(-1)?.text).toMatch(/update of A: .*cannot preview/);
    });
  });
});
