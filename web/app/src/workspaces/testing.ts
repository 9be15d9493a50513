/** Pages of workspaces for tests, without a browser. */
import { NdArray } from "@imjoy/rpc";
import { tableBlobs } from "./blobs";
import { memoryDatabase } from "./database";
import { Items } from "./items";
import { LastMoment } from "./last-moment";
import { Snapshots } from "./snapshot";
import { UndoStack } from "./undo";
import { Windows } from "./windows";
import { BrowserWorkspaces } from "./workspace-store";
import { Workspaces } from "./workspaces";

export function emptyStore(): BrowserWorkspaces {
  const database = { ...memoryDatabase(), lasting: true };
  return new BrowserWorkspaces(database, tableBlobs(database.table("blobs")));
}

export function image(value: number) {
  return {
    array: new NdArray(new Uint16Array([value, 2, 3, 4, 5, 6]), [2, 3]),
    axes: "YX",
    labels: new NdArray(new Int32Array([0, 1, 1, 0, 2, 2]), [2, 3]),
    info: { size: "0.5 µm" },
  };
}

/** The storage of a browser: at once, and shared by its pages. */
export function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** A page with its own windows, on a store that may be shared. */
export function page(store: BrowserWorkspaces, lastMoment = new LastMoment(null)) {
  const windows = new Windows();
  const items = new Items();
  const told: string[] = [];
  const asked: string[] = [];
  const kept: string[] = [];
  const user = { mayLeave: true, mayFail: false, whenAsked: (): void => undefined };
  const clock = { now: 1_000_000 };
  const showItem = (window: { title: string; id?: string }, item: string): void => {
    windows.open({ ...window, content: { kind: "image", item } });
  };
  const snapshots = new Snapshots({
    windows,
    items,
    plugins: () => [],
    formOf: () => ({}),
    operatorForms: () => ({}),
    setForm: () => undefined,
    showItem,
    openPlugin: () => undefined,
    dataOf: () => null,
  });
  const workspaces = new Workspaces({
    snapshots,
    undo: new UndoStack({ told: () => undefined, failed: () => undefined }),
    stores: { browser: store },
    needPlugins: () => undefined,
    picture: () => null,
    tell: (text) => void told.push(text),
    mayLeave: async (text) => {
      asked.push(text);
      user.whenAsked();
      return user.mayLeave;
    },
    keeping: (name) => ({
      update: (done, total) => void kept.push(`${name}: ${done} of ${total}`),
      end: () => void kept.push(`${name}: end`),
      fail: (error) => void kept.push(`${name}: ${String(error)}`),
    }),
    patience: 20,
    fail: (error) => {
      if (!user.mayFail) throw error;
    },
    now: () => clock.now,
    lastMoment,
  });
  const add = (title: string, value: number): void => {
    showItem({ title }, items.add(title, image(value), "test").id);
    workspaces.changed();
  };
  const titles = () => windows.store.get().map(({ title }) => title);
  return { windows, items, workspaces, add, titles, told, asked, kept, user, clock };
}

/** The workspace `Cells`, opened by another page. */
export async function reopen(store: BrowserWorkspaces, lastMoment: LastMoment) {
  const again = page(store, lastMoment);
  await again.workspaces.refresh();
  await again.workspaces.open(again.workspaces.find("Cells")?.id ?? "");
  return again;
}
