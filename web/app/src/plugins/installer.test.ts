import { describe, expect, it } from "vitest";
import type { PluginCard } from "../model";
import { memoryDatabase } from "../workspaces/database";
import { Catalog, type PluginRecord } from "./catalog";
import { Installer } from "./installer";
import { defaultPermissions } from "./permissions";

const PLUGIN =
  '<config lang="json">{"name": "Kept", "type": "web-worker"}</config><script>1</script>';

/** An installer whose mirror is all the web there is, and whose user agrees to everything. */
async function install(
  source: string,
  web: Record<string, string>,
): Promise<{ card: PluginCard | undefined; failed: unknown }> {
  const cards: PluginCard[] = [];
  const installer = new Installer({
    catalog: new Catalog(memoryDatabase().table<PluginRecord>("plugins")),
    base: new URL("http://app/"),
    repository: () => [],
    hasEngine: () => false,
    preview: () => Promise.reject(new Error("no engine")),
    fromPythonModule: () => Promise.reject(new Error("no engine")),
    mistakesIn: async () => [],
    get: async (address) => new Response(web[address] ?? "nothing"),
    log: () => undefined,
    ask: async (card) => {
      cards.push(card);
      return card.source.tag;
    },
    beforeReplace: async () => undefined,
    permissionsOf: async (plugin) => defaultPermissions(plugin),
    keepPermissions: async () => undefined,
    onInstalled: async () => undefined,
  });
  const failed = await installer.fromSource(source, null).then(
    () => null,
    (error: unknown) => error,
  );
  return { card: cards[0], failed };
}

describe("an address without the ending of plugin files", () => {
  it("is a page to show", async () => {
    const { card, failed } = await install("https://example.org/viewer/?a=1", {});
    expect(failed).toBeNull();
    const { manifest } = (card as PluginCard).source;
    expect(manifest).toMatchObject({ name: "example.org viewer", type: "rpc-window" });
    expect(manifest.base_frame).toBe("https://example.org/viewer/?a=1");
  });

  it("may have a plugin file all the same", async () => {
    const { card } = await install("https://example.org/raw/17", {
      "https://example.org/raw/17": PLUGIN,
    });
    expect(card?.source.manifest.name).toBe("Kept");
    expect(card?.source.origin).toBe("https://example.org/raw/17");
  });
});

it("a plugin file that is none says so", async () => {
  const { card, failed } = await install("https://example.org/a.imjoy.html", {});
  expect(card).toBeUndefined();
  expect(failed).toMatchObject({ code: "plugin.manifest" });
});
