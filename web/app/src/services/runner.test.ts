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

it("says when a result comes after its workspace was left", async () => {
  const runner = new PluginRunner(bench.desk, bench.entries);
  const said = () => bench.desk.notices.store.get().map(({ text }) => text);
  let leaves = false;
  const run = async () => {
    if (leaves) bench.workspace = "another";
    return "seven";
  };
  const id = await bench.install("Slow", { setup: () => undefined, run });
  const slow = bench.catalog.get(id) as Installed;
  await runner.run(slow);
  expect(said()).toEqual([]);
  leaves = true;
  await runner.run(slow);
  expect(said()).toEqual([
    'Running Slow began in the workspace "default"; its result opens in this one.',
  ]);
  expect(bench.desk.windows.store.get()).toHaveLength(2);
});
