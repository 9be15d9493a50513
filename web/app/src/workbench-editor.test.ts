import { afterEach, describe, expect, it, vi } from "vitest";
import { Entries } from "./host/entries";
import type { EditorContent, PluginCard } from "./model";
import { Catalog } from "./plugins/catalog";
import { Installer } from "./plugins/installer";
import { defaultPermissions } from "./plugins/permissions";
import { linkFor } from "./plugins/share";
import { ComputerFiles } from "./services/computer-files";
import { type EditorParts, PluginEditor } from "./workbench-editor";
import { memoryDatabase } from "./workspaces/database";
import { Notices } from "./workspaces/notices";
import { UndoStack } from "./workspaces/undo";
import { Windows } from "./workspaces/windows";

const BASE = new URL("https://example.org/");
const file = (name: string, word: string): string =>
  `<config>{"name": "${name}", "type": "web-worker"}</config>\n<script>"${word}"</script>`;

afterEach(() => vi.useRealTimers());

/** An editor whose user agrees to every card; what runs is only written down. */
function setUp() {
  const database = memoryDatabase();
  const catalog = new Catalog(database.table("plugins"), database.table("versions"));
  const [windows, entries, notices, undo] = [
    new Windows(),
    new Entries(),
    new Notices(),
    new UndoStack({ told: () => undefined, failed: () => undefined }),
  ];
  const cards: PluginCard[] = [];
  const ran: string[] = [];
  const installer = new Installer({
    catalog,
    base: BASE,
    repository: () => [],
    hasEngine: () => false,
    preview: () => Promise.reject(new Error("no engine")),
    fromPythonModule: () => Promise.reject(new Error("no engine")),
    mistakesIn: async () => [],
    get: () => Promise.reject(new Error("no network")),
    permissionsOf: async (source) => defaultPermissions(source),
    keepPermissions: async () => undefined,
    log: () => undefined,
    ask: async (card) => {
      cards.push(card);
      return null;
    },
    beforeReplace: async () => undefined,
    onInstalled: async (installed) => entries.set(installed),
  });
  const note = async ({ source }: { source: { code: string } }): Promise<void> => {
    ran.push(source.code);
  };
  const room = {
    catalog,
    installer,
    runner: { start: note, run: note },
    pluginWindows: { list: () => [] },
  };
  const saved: string[] = [];
  const editor = new PluginEditor({
    base: BASE,
    windows,
    entries,
    notices,
    dialogs: { confirm: async () => true, files: async () => null },
    files: new ComputerFiles(
      async () => [new File(["\uFEFFa\r\nb"], "mine.imjoy.html")],
      (_, name) => saved.push(name),
      {},
    ),
    engineFiles: () => ({ read: () => Promise.reject(new Error()), uploadOne: async () => false }),
    undo,
    mistakesIn: async () => [],
    room: () => room as unknown as ReturnType<EditorParts["room"]>,
  });
  const content = (id: string) => windows.get(id)?.content as EditorContent;
  const first = () => windows.store.get()[0]?.id as string;
  return { editor, windows, entries, notices, undo, catalog, cards, ran, saved, content, first };
}

describe("writing a plugin", () => {
  it("keeps what is typed in its window a moment later", async () => {
    vi.useFakeTimers();
    const { editor, content } = setUp();
    const id = await editor.create("web-worker", "My plugin");
    expect(content(id)).toMatchObject({ file: "my-plugin.imjoy.html", plugin: null, saved: null });
    editor.type(id, "a");
    editor.type(id, "ab");
    expect(content(id).text).not.toBe("ab");
    vi.advanceTimersByTime(400);
    expect(content(id).text).toBe("ab");
  });

  it("asks at the first save, and starts again what was running", async () => {
    const { editor, content, cards, ran, entries, catalog, undo } = setUp();
    const id = await editor.create("web-worker", "A");
    editor.type(id, file("A", "one"));
    await editor.run(id);
    expect([cards.length, ran.length, editor.isSaved(content(id))]).toEqual([1, 1, true]);
    editor.type(id, file("A", "two"));
    const plugin = catalog.byName("A")?.id as string;
    entries.change(plugin, { state: "ready" });
    expect(await editor.save(id)).toBe(true);
    expect([cards.length, ran.at(-1)]).toEqual([1, file("A", "two")]);
    expect(undo.state.get().undo).toBeNull();
    expect(editor.edit(plugin)).toBe(id);
  });

  it("lets the version that came from elsewhere be had again", async () => {
    const { editor, windows, content, catalog, undo, cards, first } = setUp();
    await editor.openLink(await linkFor({ file: "b.imjoy.html", text: file("B", "theirs") }, BASE));
    await editor.save(first());
    const plugin = catalog.byName("B");
    windows.close(first());
    if (plugin) await catalog.install({ ...plugin.source, origin: "https://a.org/b.imjoy.html" });
    const id = editor.edit(plugin?.id ?? "");
    editor.type(id, file("B", "mine"));
    await editor.save(id);
    expect([cards.length, undo.state.get().undo]).toEqual([1, "Replace B"]);
    await undo.undo();
    expect(editor.installed(content(id))).toContain("theirs");
    expect(editor.isSaved(content(id))).toBe(false);
  });

  it("tells what is wrong and keeps the text", async () => {
    const { editor, content, notices, ran } = setUp();
    const id = await editor.create("web-worker", "A");
    editor.type(id, "no plugin");
    await editor.run(id);
    expect(content(id)).toMatchObject({ text: "no plugin", plugin: null });
    expect(notices.store.get()[0]?.failure?.cause).toContain("no <config> block");
    expect(ran).toEqual([]);
  });

  it("opens and saves files of the computer, also where there are only downloads", async () => {
    const { editor, content, first, saved } = setUp();
    await editor.openFile();
    expect(content(first())).toMatchObject({ file: "mine.imjoy.html", text: "a\nb" });
    await editor.saveFile(first());
    expect(saved).toEqual(["mine.imjoy.html"]);
  });
});
