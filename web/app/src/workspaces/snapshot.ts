/** What is open as one value that can be kept, and the way back. */

import type {
  DataItem,
  ImageData_,
  PluginSource,
  SavedFrame,
  SavedItem,
  SavedWindow,
  WindowModel,
  WorkspaceContent,
} from "../model";
import type { Installed } from "../plugins/catalog";
import type { Blobs } from "./blobs";
import { imageForPlugin } from "./image-value";
import type { Items } from "./items";
import { KeptImages, savedItem } from "./kept-images";
import { plainJson } from "./plain-json";
import type { Windows } from "./windows";

type Answers = Record<string, unknown>;

/** What was open at a moment, with its images in memory. */
export interface Held {
  /** All but these; it has only images that are kept already. */
  rest: WorkspaceContent;
  items: readonly DataItem[];
  sources: readonly PluginSource[];
}

export interface SnapshotParts {
  windows: Windows;
  items: Items;
  plugins(): Installed[];
  /** Answers of the plugin's form, and of the forms of its operations by their names. */
  formOf(plugin: string): Answers;
  operatorForms(plugin: string): Record<string, Answers>;
  setForm(plugin: string, values: Answers, op?: string): void;
  showItem(window: { title: string; id: string }, item: string): void;
  /** Opens a window of a plugin again; a plugin that is not there any more is told, not thrown. */
  openPlugin(plugin: Installed, window: { title: string; id: string }, data: unknown): void;
  /** What a window of a plugin shows. */
  dataOf(window: string): unknown;
}

export class Snapshots {
  private readonly images = new KeptImages();

  constructor(private readonly parts: SnapshotParts) {}

  /** Keeps the bytes of what is open in `blobs` and gives the rest. */
  capture(blobs: Blobs): Promise<WorkspaceContent> {
    return this.keep(this.hold(), blobs);
  }

  /** What is open now; it can be kept later, when something else is open. */
  hold(): Held {
    const sources = this.parts.plugins().map(({ source }) => source);
    return { rest: this.describe(), items: this.parts.items.store.get(), sources };
  }

  /** Keeps the bytes of what was open; `onKept` hears of each image. */
  async keep(
    { rest, items, sources }: Held,
    blobs: Blobs,
    onKept: (item: DataItem) => void = () => undefined,
  ): Promise<WorkspaceContent> {
    await this.images.settled(blobs);
    const saved = [...rest.items];
    for (const item of items) {
      saved.push(await this.images.keep(item, blobs));
      onKept(item);
    }
    for (const source of sources) await keepPlugin(source, blobs);
    return { ...rest, items: saved };
  }

  /**
   * Begins to keep the bytes of new images, as a page that is left has no time for them. What goes wrong
   * does so again in `capture`, and is told there.
   */
  keepImages(blobs: Blobs): void {
    this.images.begin(this.parts.items.store.get(), blobs);
  }

  /** The same as `keep` at once: of images whose bytes are not kept yet it has only the names. */
  keptOf({ rest, items }: Held): WorkspaceContent {
    const named = items.map((item) => this.images.now(item) ?? savedItem(item, null));
    return { ...rest, items: [...rest.items, ...named] };
  }

  private describe(): WorkspaceContent {
    const { windows, plugins } = this.parts;
    return {
      version: 1,
      windows: windows.store.get().flatMap((window) => this.saveWindow(window)),
      layout: windows.layout.get().layout,
      active: windows.active.get(),
      items: [],
      forms: Object.fromEntries(plugins().flatMap((plugin) => this.saveForms(plugin))),
      plugins: plugins().map(({ source: { manifest, hash, tag, origin } }) => ({
        name: manifest.name,
        version: manifest.version,
        hash,
        tag,
        origin,
      })),
    };
  }

  /**
   * Opens what was kept, in place of what is open or, with `beside`, beside it.
   * @param held images that are in memory still
   * @returns what could not be brought back, in words
   */
  async restore(
    content: WorkspaceContent,
    blobs: Blobs,
    { beside = false, held = [] }: { beside?: boolean; held?: readonly DataItem[] } = {},
  ): Promise<string[]> {
    const missing: string[] = [];
    if (!beside) this.closeAll();
    for (const saved of content.items) {
      const image = await this.imageOf(saved, blobs, held);
      if (image) this.parts.items.add(saved.name, image, saved.origin, saved.id);
      else missing.push(`the image ${saved.name}, whose data is not kept with it`);
    }
    for (const { id, source } of this.parts.plugins()) {
      this.restoreForms(id, source.manifest.name, content.forms);
    }
    for (const window of content.windows) this.openWindow(window, missing);
    const { windows } = this.parts;
    if (this.hasOthers(content)) return missing;
    const open = new Set(windows.store.get().map(({ id }) => id));
    if (content.layout) windows.layout.set({ layout: content.layout, by: "page" });
    if (content.active !== null && open.has(content.active)) windows.active.set(content.active);
    return missing;
  }

  private async imageOf(
    saved: SavedItem,
    blobs: Blobs,
    held: readonly DataItem[],
  ): Promise<ImageData_ | null> {
    const inMemory = held.find(({ id }) => id === saved.id);
    return inMemory?.image ?? this.images.read(saved, blobs).catch(() => null);
  }

  /** Whether something is open that was not kept, such as what was opened while this was read. */
  hasOthers({ windows, items }: WorkspaceContent): boolean {
    const kept = new Set([...windows, ...items].map(({ id }) => id));
    const open = [...this.parts.windows.store.get(), ...this.parts.items.store.get()];
    return open.some(({ id }) => !kept.has(id));
  }

  /** Whether images are open whose bytes are not kept yet. */
  hasNew(): boolean {
    return this.parts.items.store.get().some((item) => this.images.now(item) === undefined);
  }

  isEmpty(): boolean {
    const { windows, items } = this.parts;
    return windows.store.get().length === 0 && items.store.get().length === 0;
  }

  closeAll(): void {
    const { windows, items } = this.parts;
    for (const { id } of windows.store.get()) windows.close(id);
    for (const { id } of items.store.get()) items.remove(id);
    windows.layout.set({ layout: null, by: "page" });
  }

  /** Names of plugins have no "/", so what has one is the form of an operation. */
  private saveForms({ id, source }: Installed): [string, Answers][] {
    const { name } = source.manifest;
    const operators = Object.entries(this.parts.operatorForms(id));
    const forms = operators.map(([op, answers]) => [`${name}/${op}`, answers] as const);
    return [[name, this.parts.formOf(id)] as const, ...forms].map(([key, answers]) => [
      key,
      (plainJson(answers) ?? {}) as Answers,
    ]);
  }

  private restoreForms(id: string, name: string, forms: WorkspaceContent["forms"]): void {
    for (const [key, answers] of Object.entries(forms)) {
      if (key === name) this.parts.setForm(id, answers);
      else if (key.startsWith(`${name}/`)) {
        this.parts.setForm(id, answers, key.slice(name.length + 1));
      }
    }
  }

  private saveWindow({ id, title, content }: WindowModel): SavedWindow[] {
    if (content.kind === "frame") {
      const plugin = this.parts.plugins().find((known) => known.id === content.plugin);
      if (!plugin) return [];
      return [{ id, title, content: this.saveFrame(plugin, this.parts.dataOf(id)) }];
    }
    if (content.kind === "lost") {
      const plugin = this.parts.plugins().find((known) => known.id === content.plugin);
      return plugin ? [{ id, title, content: this.saveFrame(plugin, content.data) }] : [];
    }
    // Whoever opened these is asked for what is done in them, and is gone with the page.
    if (["form", "tree", "terminal"].includes(content.kind)) return [];
    if (content.kind === "log") {
      const plugin = this.parts.plugins().find((known) => known.id === content.plugin);
      return plugin
        ? [{ id, title, content: { ...content, plugin: plugin.source.manifest.name } }]
        : [];
    }
    if (content.kind !== "value") return [{ id, title, content }];
    const value = plainJson(content.value);
    return value === undefined ? [] : [{ id, title, content: { kind: "value", value } }];
  }

  /** A window of a plugin with its data: an image of the workspace by its id, or what JSON can hold. */
  private saveFrame({ source }: Installed, data: unknown): SavedFrame {
    const frame: SavedFrame = { kind: "plugin", name: source.manifest.name, item: null };
    if (data === null || data === undefined) return frame;
    const image = (data as { image?: unknown }).image;
    const item = this.parts.items.store.get().find((one) => image && one.image.array === image);
    if (item) return { ...frame, item: item.id };
    const plain = plainJson(data);
    return plain === undefined ? { ...frame, lost: true } : { ...frame, data: plain };
  }

  private openFrame(
    { id, title }: SavedWindow,
    { name, item, data, lost }: SavedFrame,
    plugin: Installed,
  ): void {
    const found = item === null ? undefined : this.parts.items.get(item);
    if (!lost && (item === null || found)) {
      const given = found ? imageForPlugin(found.name, found.image) : (data ?? null);
      this.parts.openPlugin(plugin, { title, id }, given);
      return;
    }
    const text = `What ${name} showed here could not be kept.`;
    const content = { kind: "lost", plugin: plugin.id, data: null, text } as const;
    this.parts.windows.open({ title, id, content });
  }

  private openWindow({ id, title, content }: SavedWindow, missing: string[]): void {
    const { windows, items, plugins } = this.parts;
    const byName = (name: string): Installed | undefined =>
      plugins().find(({ source }) => source.manifest.name === name);
    if (content.kind === "image") {
      if (items.get(content.item)) this.parts.showItem({ title, id }, content.item);
    } else if (content.kind === "plugin") {
      const plugin = byName(content.name);
      if (plugin) this.openFrame({ id, title, content }, content, plugin);
      else missing.push(`the window ${title}, as ${content.name} is not installed`);
    } else if (content.kind === "log") {
      const plugin = byName(content.plugin);
      if (plugin) windows.open({ title, id, content: { ...content, plugin: plugin.id } });
    } else if (content.kind === "compare") {
      if (content.items.every((item) => items.get(item))) {
        windows.open({ title, id, content });
        windows.whenClosed(id, () => content.items.forEach((item) => void items.remove(item)));
      }
    } else windows.open({ title, id, content });
  }
}

/** Under this name the file of a plugin is kept, so that its version can be had where it is not installed. */
export function pluginBlob(hash: string): string {
  return `plugin-${hash}`;
}

async function keepPlugin({ hash, code }: PluginSource, blobs: Blobs): Promise<void> {
  const name = pluginBlob(hash);
  if (!(await blobs.has(name))) await blobs.put(name, new TextEncoder().encode(code));
}
