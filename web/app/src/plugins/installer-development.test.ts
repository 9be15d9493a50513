import { describe, expect, it } from "vitest";
import type { PluginCard } from "../model";
import { memoryDatabase } from "../workspaces/database";
import { Catalog } from "./catalog";
import { Installer } from "./installer";
import { defaultPermissions } from "./permissions";

const file = (name: string, version: string): string =>
  `<config>{"name": "${name}", "type": "iframe", "version": "${version}"}</config>\n<script>1</script>`;

/** An installer with a catalog of its own, whose user agrees to everything and is counted. */
function setUp() {
  const database = memoryDatabase();
  const catalog = new Catalog(database.table("plugins"), database.table("versions"));
  const asked: PluginCard[] = [];
  const installer = new Installer({
    catalog,
    base: new URL("https://example.org/"),
    repository: () => [],
    hasEngine: () => false,
    preview: () => Promise.reject(new Error("no engine")),
    fromPythonModule: () => Promise.reject(new Error("no engine")),
    mistakesIn: async () => [],
    ask: async (card) => {
      asked.push(card);
      return null;
    },
    get: () => Promise.reject(new Error("no network")),
    permissionsOf: async (source) => defaultPermissions(source),
    keepPermissions: async () => undefined,
    log: () => undefined,
    beforeReplace: async () => undefined,
    onInstalled: async () => undefined,
  });
  const version = (name: string) => catalog.byName(name)?.source.manifest.version;
  return { installer, catalog, asked, version };
}

describe("installing what is being written", () => {
  it("asks once for a file that is followed", async () => {
    const { installer, asked, version } = setUp();
    await installer.fromDevelopment(file("A", "1"), "a.imjoy.html");
    await installer.fromDevelopment(file("A", "2"), "a.imjoy.html");
    expect(asked).toHaveLength(1);
    await installer.fromDevelopment(file("A", "3"), "other.imjoy.html");
    expect(asked).toHaveLength(2);
    expect(version("A")).toBe("3");
  });

  it("does not ask for a later version of the plugin that somebody edits", async () => {
    const { installer, catalog, asked, version } = setUp();
    const id = await installer.fromFile(new File([file("A", "1")], "a.imjoy.html"));
    expect(await installer.fromDevelopment(file("A", "2"), "a.imjoy.html", "A")).toBe(id);
    expect(asked).toHaveLength(1);
    const now = catalog.byName("A");
    await installer.fromDevelopment(file("A", "3"), "a.imjoy.html", "A");
    if (now) await installer.goBack(now.source.code, now.source.origin, null);
    expect([asked.length, version("A")]).toEqual([1, "2"]);
  });

  it("asks when the text is of nobody, or becomes another plugin", async () => {
    const { installer, asked } = setUp();
    await installer.fromDevelopment(file("A", "1"), "a.imjoy.html", null);
    await installer.fromDevelopment(file("A", "2"), "a.imjoy.html", null);
    expect(asked).toHaveLength(2);
    await installer.fromDevelopment(file("B", "1"), "b.imjoy.html", null);
    await installer.fromDevelopment(file("B", "2"), "a.imjoy.html", "A");
    expect(asked.map(({ replaces }) => replaces?.version)).toEqual([
      undefined,
      "1",
      undefined,
      "1",
    ]);
  });
});
