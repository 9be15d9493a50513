import { describe, expect, it } from "vitest";
import { Entries } from "../host/entries";
import { Catalog, type EarlierVersion, type PluginRecord } from "../plugins/catalog";
import type { Installer } from "../plugins/installer";
import { parsePlugin } from "../plugins/parser";
import { memoryDatabase } from "../workspaces/database";
import { Versions } from "./versions";

const code = (version: string) =>
  `<config>{"name": "Blur", "type": "web-worker", "version": "${version}"}</config><script lang="javascript">api.export({})</script>`;
const source = (version: string) =>
  parsePlugin(code(version), { origin: "https://x.org/blur.imjoy.html", tag: null });

function room() {
  const database = memoryDatabase();
  const open = () =>
    new Catalog(
      database.table<PluginRecord>("plugins"),
      database.table<EarlierVersion>("versions"),
    );
  const catalog = open();
  const entries = new Entries();
  const installer = {
    goBack: async (text: string, origin: string, tag: string | null) =>
      (await catalog.install(parsePlugin(text, { origin, tag }))).id,
    newest: async () => source("3.0.0"),
  } as unknown as Installer;
  return {
    open,
    catalog,
    entries,
    versions: new Versions(() => ({ catalog, installer }), entries),
  };
}

describe("versions of a plugin", () => {
  it("are kept when they are replaced, and one can go back and forth", async () => {
    const { catalog, versions } = room();
    const { id } = await catalog.install(source("1.0.0"));
    await catalog.install(source("2.0.0"));
    expect((await versions.earlier(id)).map(({ version }) => version)).toEqual(["1.0.0"]);
    await versions.goBack(id, "1.0.0");
    expect(catalog.get(id)?.source.manifest.version).toBe("1.0.0");
    expect((await versions.earlier(id)).map(({ version }) => version)).toContain("2.0.0");
    await expect(versions.goBack(id, "0.1.0")).rejects.toThrow("is not kept any more");
  });

  it("stand side by side under names of their own, also after a reload", async () => {
    const { catalog, entries, open, versions } = room();
    const { id } = await catalog.install(source("1.0.0"));
    await catalog.install(source("2.0.0"));
    await versions.keepBeside(id, "1.0.0");
    const names = (known: Catalog) => known.list().map(({ source: { manifest } }) => manifest.name);
    expect(names(catalog)).toEqual(["Blur", "Blur 1.0.0"]);
    expect(entries.store.get().map(({ source: { manifest } }) => manifest.version)).toEqual([
      "1.0.0",
    ]);
    const later = open();
    await later.load(() => undefined);
    expect(names(later).sort()).toEqual(["Blur", "Blur 1.0.0"]);
  });

  it("stay when they are pinned, and are found when they are not", async () => {
    const { catalog, entries, open, versions } = room();
    const installed = await catalog.install(source("1.0.0"));
    entries.set(installed);
    expect(await versions.findUpdates()).toEqual({ [installed.id]: "3.0.0" });
    await versions.pin(installed.id, true);
    expect(await versions.findUpdates()).toEqual({});
    expect(entries.get(installed.id)?.pinned).toBe(true);
    const later = open();
    expect((await later.load(() => undefined))[0]?.pinned).toBe(true);
  });
});
