import { NdArray } from "@imjoy/rpc";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runtimes } from "../host/runtimes";
import type { Installed } from "../plugins/catalog";
import { PluginRunner } from "./runner";
import { Bench } from "./testing";

const original = { ...runtimes };
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  runtimes["web-worker"] = bench.runtime;
});
afterEach(() => {
  Object.assign(runtimes, original);
});

it("works on the same window again while its result is in front by itself", async () => {
  const runner = new PluginRunner(bench.desk, bench.entries);
  const { windows } = bench.desk;
  const seen: unknown[] = [];
  const run = async ({ data }: { data: { name?: string } }) => {
    seen.push(data.name);
    return { type: "image", name: `blurred ${seen.length}`, data: { image, axes: "YX" } };
  };
  const id = await bench.install("Blur", { setup: () => undefined, run });
  const blur = bench.catalog.get(id) as Installed;
  const image = new NdArray(new Uint8Array(4), [2, 2]);
  bench.desk.openImage("cells", { array: image, axes: "YX" }, "test");
  await runner.run(blur);
  await runner.run(blur);
  expect(seen).toEqual(["cells", "cells"]);
  // Who goes to a result chooses it.
  windows.active.set(windows.store.get()[1]?.id ?? "");
  await runner.run(blur);
  expect(seen.at(-1)).toBe("blurred 1");
  // A result that was just made is what another plugin works on.
  const other = await bench.install("Other", { setup: () => undefined, run });
  await runner.run(bench.catalog.get(other) as Installed);
  expect(seen.at(-1)).toBe("blurred 3");
});

it("sends a result to the workspace in which its run began", async () => {
  const runner = new PluginRunner(bench.desk, bench.entries);
  const said = () => bench.desk.notices.store.get().map(({ text }) => text);
  const place = { id: "a", name: "A" };
  bench.jobs.where = () => ({ ...place });
  const array = new NdArray(new Uint8Array(4), [2, 2]);
  const run = async () => {
    place.id = "b";
    return { type: "image", name: "mask", data: { image: array, axes: "YX" } };
  };
  const id = await bench.install("Slow", { setup: () => undefined, run });
  const slow = bench.catalog.get(id) as Installed;
  bench.others = ["a"];
  await runner.run(slow);
  expect(bench.sent).toEqual([{ workspace: "a", titles: ["mask"], images: 1 }]);
  expect(said()).toEqual(['Running Slow is done. Its result is in the workspace "A".']);
  expect(bench.desk.windows.store.get()).toEqual([]);
  expect(bench.desk.items.store.get()).toEqual([]);

  // One that is not there any more, as a temporary one, cannot take it.
  place.id = "gone";
  await runner.run(slow);
  expect(said().at(-1)).toBe(
    'Running Slow began in the workspace "A"; its result opens in this one.',
  );
  expect(bench.desk.windows.store.get()).toHaveLength(1);
});
