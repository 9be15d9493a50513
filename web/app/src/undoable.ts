/** What a person does to windows, forms and plugins, in a way that can be taken back. */

import { newId } from "@imjoy/rpc";
import type { WindowModel } from "./model";
import type { Installed } from "./plugins/catalog";
import { isCancelled, toFailure } from "./plugins/failure";
import type { ImageOpener } from "./services/opener";
import type { PluginWindows } from "./services/plugin-windows";
import { isRearranged, movedBetween } from "./workspaces/arrangement";
import type { Items } from "./workspaces/items";
import type { Notices } from "./workspaces/notices";
import type { UndoStack } from "./workspaces/undo";
import type { Windows } from "./workspaces/windows";

export interface UndoableParts {
  undo: UndoStack;
  notices: Notices;
  windows: Windows;
  items: Items;
  opener: ImageOpener;
  pluginWindows(): PluginWindows | undefined;
  plugin(id: string): Installed | undefined;
  reinstall(plugin: Installed, form: Record<string, unknown>): Promise<void>;
  removeNow(id: string): Promise<void>;
}

export class Undoable {
  /** The arrangement that the next one is a change of. */
  private layout: unknown = null;

  constructor(private readonly parts: UndoableParts) {
    parts.windows.layout.subscribe(({ layout, by }) => {
      if (by === "dock") this.arranged(layout);
      else this.layout = layout;
    });
  }

  close(id: string): void {
    const { windows, undo } = this.parts;
    const window = windows.get(id);
    if (!window) return;
    const open = this.reopening(window);
    const bytes = this.bytesOf(window);
    const { layout } = windows.layout.get();
    windows.close(id);
    undo.push({
      label: `Close ${window.title}`,
      bytes,
      undo: () => {
        open();
        windows.layout.set({ layout, by: "page" });
        windows.active.set(id);
      },
      redo: () => windows.close(id),
    });
  }

  async remove(plugin: Installed, form: Record<string, unknown>): Promise<void> {
    const { undo, notices, removeNow, reinstall } = this.parts;
    const { name } = plugin.source.manifest;
    await removeNow(plugin.id);
    const step = {
      label: `Remove ${name}`,
      undo: () => reinstall(plugin, form),
      redo: () => removeNow(plugin.id),
    };
    undo.push(step);
    notices.offer(`${name} is removed.`, {
      label: "Undo",
      run: () => void undo.takeBack(step),
    });
  }

  /**
   * Opens a window of a plugin that was open before, under its old id; when that fails, a window in
   * its place says so and offers to try again.
   */
  openPlugin(plugin: Installed, window: { title: string; id: string }, data: unknown): void {
    const { windows, pluginWindows } = this.parts;
    const { title, id } = window;
    const lost = (error: unknown): void => {
      if (isCancelled(error) || windows.get(id)) return;
      const { cause } = toFailure(error, "");
      const content = { kind: "lost", plugin: plugin.id, data, text: cause } as const;
      windows.open({ title, id, content });
    };
    void pluginWindows()?.open(plugin, { name: title, data }, null, undefined, id).catch(lost);
  }

  /** Tries again to open what could not be opened before. */
  reopen(id: string): void {
    const { windows, plugin } = this.parts;
    const window = windows.get(id);
    if (window?.content.kind !== "lost") return;
    const owner = plugin(window.content.plugin);
    const { title, content } = window;
    windows.close(id);
    // Under its old id the frame would come into the place that is just being taken away.
    if (owner) this.openPlugin(owner, { title, id: newId() }, content.data);
  }

  private bytesOf({ content }: WindowModel): number {
    return content.kind === "image" ? (this.parts.items.get(content.item)?.bytes ?? 0) : 0;
  }

  /** What brings this window back after it was closed. */
  private reopening({ id, title, content }: WindowModel): () => void {
    const { items, opener, windows, plugin } = this.parts;
    if (content.kind === "image") {
      const item = items.get(content.item);
      return () => {
        if (!item) return;
        if (!items.get(item.id)) items.add(item.name, item.image, item.origin, item.id);
        opener.showItem({ title, id }, item.id);
      };
    }
    if (content.kind === "frame") {
      const data = this.parts.pluginWindows()?.dataOf(id);
      return () => {
        const owner = plugin(content.plugin);
        if (owner) this.openPlugin(owner, { title, id }, data);
      };
    }
    if (content.kind === "compare") {
      const pair = content.items.map((item) => items.get(item));
      return () => {
        for (const item of pair) if (item) items.add(item.name, item.image, item.origin, item.id);
        windows.open({ id, title, content });
        windows.whenClosed(id, () => content.items.forEach((item) => void items.remove(item)));
      };
    }
    return () => void windows.open({ id, title, content });
  }

  private arranged(layout: unknown): void {
    const before = this.layout;
    this.layout = layout;
    if (!isRearranged(before, layout)) return;
    const { windows, undo } = this.parts;
    const moved = windows.get(movedBetween(before, layout, windows.active.get()) ?? "");
    undo.push({
      key: "arrange",
      label: moved ? `Move ${moved.title}` : "Arrange windows",
      undo: () => windows.layout.set({ layout: before, by: "page" }),
      redo: () => windows.layout.set({ layout, by: "page" }),
    });
  }
}
