import { expect, it } from "vitest";
import { Catalog, type Installed } from "../plugins/catalog";
import { parsePlugin } from "../plugins/parser";
import { Dialogs } from "../workspaces/dialogs";
import { chooseOpener, dataFor } from "./loaders";

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
  return { catalog, dialogs: new Dialogs() };
}

it("opens a file with the one plugin that takes it, and images as they are", async () => {
  const one = await desk("Tables");
  expect(((await chooseOpener(one, new File([], "a.csv"))) as Installed).source.manifest.name).toBe(
    "Tables",
  );
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
  expect(((await chosen) as Installed).source.manifest.name).toBe("B");
});

it("gives a plugin the open image only when it takes it", async () => {
  const [plugin] = (await desk("A")).catalog.list() as [Installed];
  expect(dataFor(plugin, { type: "image", name: "x.png" })).toBeNull();
  expect(dataFor(plugin, { type: "image", name: "x.tif" })).toMatchObject({ name: "x.tif" });
});
