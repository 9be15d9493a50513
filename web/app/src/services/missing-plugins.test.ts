import { describe, expect, it, vi } from "vitest";
import type { SavedPlugin, WorkspaceContent } from "../model";
import type { Catalog } from "../plugins/catalog";
import { tableBlobs } from "../workspaces/blobs";
import { memoryDatabase } from "../workspaces/database";
import type { Dialogs } from "../workspaces/dialogs";
import { pluginBlob } from "../workspaces/snapshot";
import { installMissing } from "./missing-plugins";

const saved = (name: string, version: string): SavedPlugin => ({
  name,
  version,
  hash: `hash of ${name} ${version}`,
  tag: null,
  origin: "",
});

/** A page that has Blur 2.0.0, and a workspace that was made with these plugins. */
async function opened(plugins: SavedPlugin[], agrees: boolean, declined: string[] = []) {
  const blobs = tableBlobs(memoryDatabase().table("blobs"));
  for (const { hash } of plugins) await blobs.put(pluginBlob(hash), new TextEncoder().encode(hash));
  const asked: string[] = [];
  const done: string[] = [];
  const here = { source: { hash: "hash of Blur 2.0.0", manifest: { version: "2.0.0" } } };
  const catalog = { byName: (name: string) => (name === "Blur" ? here : undefined) };
  const dialogs = {
    confirm: async ({ text }: { text: string }) => {
      asked.push(text);
      return agrees;
    },
  };
  const parts = {
    catalog: catalog as unknown as Catalog,
    dialogs: dialogs as unknown as Dialogs,
    declined: {
      get: async () => declined,
      add: async (question: string) => void declined.push(question),
    },
    install: vi.fn(async (name: string) => void done.push(name)),
  };
  const isNew = await installMissing(parts, { plugins } as WorkspaceContent, blobs);
  return { asked, done, isNew };
}

describe("the plugins of a workspace", () => {
  it("are there as they were: nobody is asked", async () => {
    expect(await opened([saved("Blur", "2.0.0")], true)).toEqual({
      asked: [],
      done: [],
      isNew: false,
    });
  });

  it("are offered when they are not there, and in the versions of then", async () => {
    const { asked, done, isNew } = await opened(
      [saved("Blur", "1.0.0"), saved("Far", "3.1")],
      true,
    );
    expect(asked[0]).toContain("not installed here: Far 3.1.");
    expect(asked[1]).toContain("made with Blur 1.0.0; here are Blur 2.0.0.");
    expect(done).toEqual(["Far", "Blur"]);
    expect(isNew).toBe(true);
  });

  it("stay as they are when the user wants that", async () => {
    const declined: string[] = [];
    const plugins = [saved("Blur", "1.0.0"), saved("Far", "3.1")];
    const { asked, done, isNew } = await opened(plugins, false, declined);
    expect([done, isNew, asked.length]).toEqual([[], false, 2]);
    expect((await opened(plugins, false, declined)).asked).toEqual([]); // they have said so
  });
});
