import { NdArray } from "@imjoy/rpc";
import { expect, it } from "vitest";
import type { Installed } from "../plugins/catalog";
import { tableBlobs } from "./blobs";
import { memoryDatabase } from "./database";
import { imageForPlugin } from "./image-value";
import { Items } from "./items";
import { Snapshots } from "./snapshot";
import { Windows } from "./windows";

const source = { manifest: { name: "P" }, hash: "h", code: "c", tag: null, origin: "" };
const plugin = { id: "p", source } as unknown as Installed;

function desk() {
  const windows = new Windows();
  const items = new Items();
  const shown = new Map<string, unknown>();
  const opened: unknown[] = [];
  const forms: unknown[] = [];
  const snapshots = new Snapshots({
    windows,
    items,
    plugins: () => [plugin],
    formOf: () => ({ size: 1, file: new File([], "a") }),
    operatorForms: () => ({ op: { n: 2 } }),
    setForm: (...form) => void forms.push(form),
    showItem: () => undefined,
    openPlugin: (_, __, data) => void opened.push(data),
    dataOf: (id) => shown.get(id),
  });
  const open = (title: string, data: unknown): void => {
    shown.set(windows.open({ title, content: { kind: "frame", plugin: "p" } }).id, data);
  };
  return { windows, items, snapshots, open, opened, forms };
}

it("keeps what windows of plugins show, or says that it is lost; and forms of operations", async () => {
  const first = desk();
  const blobs = tableBlobs(memoryDatabase().table("blobs"));
  const array = new NdArray(new Uint8Array(6), [2, 3]);
  const item = first.items.add("cells", { array, axes: "YX" }, "test");
  first.open("image", imageForPlugin("cells", item.image));
  first.open("value", { n: 5 });
  first.open("nothing", null);
  first.open("lost", { big: new Float32Array(3) });
  const pair: [string, string] = [item.id, item.id];
  first.windows.open({ title: "pair", content: { kind: "compare", items: pair, offset: 0.5 } });
  const onChange = (): void => undefined;
  const form = { fields: [], html: "" };
  first.windows.open({ title: "form", content: { kind: "form", form, answers: {}, onChange } });
  const content = JSON.parse(JSON.stringify(await first.snapshots.capture(blobs)));

  const second = desk();
  await second.snapshots.restore(content, blobs);
  expect(second.opened).toMatchObject([{ name: "cells", axes: "YX" }, { n: 5 }, null]);
  expect(second.windows.store.get().map(({ title, content: { kind } }) => [title, kind])).toEqual([
    ["lost", "lost"],
    ["pair", "compare"],
  ]);
  expect(second.forms).toEqual([
    ["p", { size: 1 }],
    ["p", { n: 2 }, "op"],
  ]);
  const compared = second.windows.store.get()[1]?.id as string;
  second.windows.close(compared);
  expect(second.items.store.get()).toEqual([]);
});
