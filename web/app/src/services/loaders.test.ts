import { expect, it } from "vitest";
import { Catalog } from "../plugins/catalog";
import { parsePlugin } from "../plugins/parser";
import { Dialogs } from "../workspaces/dialogs";
import { chooseOpener, type Loader } from "./loaders";
import { Registry } from "./registry";

const inputs = { type: "object", properties: { name: { pattern: "\\.(csv|tif)$" } } };

async function desk(...names: string[]) {
  const catalog = new Catalog({
    all: async () => [],
    put: async () => undefined,
    delete: async () => undefined,
  });
  for (const name of names) {
    const config = JSON.stringify({ name, type: "web-worker", inputs });
    await catalog.install(parsePlugin(`<config>${config}</config><script></script>`));
  }
  return { catalog, dialogs: new Dialogs(), registry: new Registry() };
}

it("opens a file with the one plugin that takes it, and images as they are", async () => {
  const one = await desk("Tables");
  expect(((await chooseOpener(one, new File([], "a.csv"))) as Loader).label).toBe("Tables");
  expect(await chooseOpener(one, new File([], "a.txt"))).toBe("viewer");
});

it("asks when there are several, and the viewer is one of them for images", async () => {
  const two = await desk("A", "B");
  const chosen = chooseOpener(two, new File([], "a.tif"));
  const [dialog] = two.dialogs.store.get();
  if (dialog?.kind !== "form") throw new Error("no form");
  expect(dialog.fields[0]?.options?.map(({ label }) => label)).toEqual([
    "The image viewer of ImJoy",
    "A",
    "B",
  ]);
  dialog.done({ with: "B" });
  expect(((await chosen) as Loader).label).toBe("B");
});

it("opens a file with an operation that a plugin registered", async () => {
  const one = await desk("Tables");
  const plugin = one.catalog.byName("Tables");
  const value = { inputs: { file: { ext: "xyz" } } };
  one.registry.add({ type: "operator", name: "Read", owner: plugin?.id ?? "", address: "", value });
  expect(await chooseOpener(one, new File([], "a.xyz"))).toMatchObject({ plugin, op: "Read" });
});
