/** The built-in views `imjoy/…`: images, text and values in a window. */

import type { EditorContent } from "../model";
import { codedError, toFailure } from "../plugins/failure";
import { fileNameOf } from "../plugins/file-name";
import { imageFrom } from "../workspaces/image-value";
import { openComparison } from "./compare-view";
import type { Desk } from "./desk";
import { openForm, openPanels } from "./form-views";
import { asRecord } from "./record";
import { openTerminal } from "./terminal-view";
import { show } from "./text";
import { openTree } from "./tree-view";
import type { OpenedView, Tell, View, ViewRequest } from "./view";
import { withinNetwork } from "./view-network";
import { type WindowApi, WindowHandle } from "./window-handle";

/** Names of the views, those of earlier versions included. */
const VIEWS: Record<string, View> = {
  "imjoy/image": openImage,
  "imjoy/image-compare": openComparison,
  "imjoy/markdown": openMarkdown,
  "imjoy/generic": openValue,
  "imjoy/joy": openForm,
  "imjoy/panel": openForm,
  "imjoy/schema-io": openPanels,
  "imjoy/tree": openTree,
  "imjoy/terminal": openTerminal,
  "imjoy/files": openValue,
  "imjoy/images": openImages,
  "imjoy/url_list": openLinks,
  "imjoy/log": openLog,
  "imjoy/plugin-editor": openCode,
};

export function isView(type: string): boolean {
  return type.startsWith("imjoy/");
}

/** True for a view that there is; plugins also name kinds of data of their own so. */
export function hasView(type: string): boolean {
  return Object.hasOwn(VIEWS, type);
}

/** Opens a built-in view. @returns the window as its opener sees it */
export async function openView(desk: Desk, request: ViewRequest): Promise<WindowApi> {
  const view = hasView(request.type) ? VIEWS[request.type] : undefined;
  if (!view) {
    const cause = `There is no view "${request.type}".`;
    const remedy = `Use one of: ${Object.keys(VIEWS).join(", ")}.`;
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  }
  let handle: WindowHandle | null = null;
  const tell: Tell = (event, value) => handle?.emitToOpener(event, value);
  const opened = await view(desk, request, tell).catch((error) =>
    openMissing(desk, request, error),
  );
  const found = typeof opened === "string" ? { id: opened } : opened;
  handle = viewHandle(desk, request, found.id, found);
  desk.views.set(found.id, handle);
  desk.windows.whenClosed(found.id, () => {
    handle?.emitToOpener("close", null);
    desk.views.delete(found.id);
  });
  return handle.api();
}

/** The handle of a window that is a view, for its opener. */
export function viewHandle(
  desk: Desk,
  request: ViewRequest,
  id: string,
  { methods = {}, hear, change }: Partial<OpenedView> = {},
): WindowHandle {
  const { windows } = desk;
  return new WindowHandle(
    { id, name: request.name, type: request.type },
    {
      windows,
      methods,
      close: () => windows.close(id),
      isOpen: () => windows.isOpen(id),
      run: async (given) => {
        const { name, data, config } = asRecord(given);
        if (typeof name === "string") windows.change(id, { title: name });
        if (change) await change(data ?? config);
        else await changeView(desk, request, id, data);
      },
      hear: hear ?? (() => undefined),
      remote: () => async () => undefined,
    },
  );
}

async function openImage(desk: Desk, request: ViewRequest): Promise<string> {
  const { name, data, beside, origin } = request;
  const image = await imageFrom(withinNetwork(data, request.hosts ?? null), desk.readers);
  return desk.openImage(name, image, origin, beside);
}

/** A plugin goes on without a picture from the web that has gone; its window says what is missing. */
async function openMissing(desk: Desk, request: ViewRequest, error: unknown): Promise<string> {
  const { cause, remedy, code } = toFailure(error, `Opening ${request.name}`);
  if (code !== "data.unreadable" || !/https?:\/\//.test(cause)) throw error;
  return openMarkdown(desk, { ...request, data: `**${cause}**\n\n${remedy}` });
}

async function openImages(desk: Desk, request: ViewRequest): Promise<string> {
  const { data } = request;
  if (!Array.isArray(data) || data.length === 0) return openValue(desk, request);
  const ids: string[] = [];
  for (const one of data) ids.push(await openImage(desk, { ...request, data: one }));
  return ids[0] as string;
}

async function openLinks(desk: Desk, request: ViewRequest): Promise<string> {
  const links = (Array.isArray(request.data) ? request.data : [request.data]).map((link) =>
    String(asRecord(link).url ?? link),
  );
  return openMarkdown(desk, { ...request, data: links.map((url) => `- <${url}>`).join("\n") });
}

async function openMarkdown(desk: Desk, { name, data, beside }: ViewRequest): Promise<string> {
  const source = typeof data === "string" ? data : show(asRecord(data).source ?? data);
  return desk.windows.open({ title: name, content: { kind: "markdown", source }, beside }).id;
}

async function openLog(desk: Desk, { name, data, beside }: ViewRequest): Promise<string> {
  const { log_history: history } = asRecord(data);
  const lines = (Array.isArray(history) ? history : [data]).map((line) => {
    const { value, type } = asRecord(line);
    return `${type === "error" ? "Error: " : ""}${show(value ?? line)}`;
  });
  return openText(desk, name, lines.join("\n"), beside);
}

async function openCode(desk: Desk, { name, data, beside }: ViewRequest): Promise<string> {
  return desk.windows.open({ title: name, content: editorOf(name, data), beside }).id;
}

/** A new file: what a plugin wrote is in no case a version of what is installed. */
function editorOf(name: string, data: unknown): EditorContent {
  const text = show(asRecord(data).code ?? data);
  return { kind: "editor", file: fileNameOf(name), text, plugin: null, saved: null };
}

function openText(desk: Desk, name: string, text: string, beside: string | undefined): string {
  const fence = "`".repeat(
    Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)),
  );
  const source = `${fence}\n${text}\n${fence}`;
  return desk.windows.open({ title: name, content: { kind: "markdown", source }, beside }).id;
}

async function openValue(desk: Desk, { name, data, beside }: ViewRequest): Promise<string> {
  return desk.windows.open({ title: name, content: { kind: "value", value: data }, beside }).id;
}

async function changeView(
  desk: Desk,
  request: ViewRequest,
  id: string,
  data: unknown,
): Promise<void> {
  if (data === undefined) return;
  if (request.type === "imjoy/image") {
    const image = await imageFrom(withinNetwork(data, request.hosts ?? null), desk.readers);
    const item = desk.items.add(request.name, image, request.origin);
    desk.windows.change(id, { content: { kind: "image", item: item.id } });
  } else if (request.type === "imjoy/markdown") {
    const source = typeof data === "string" ? data : show(asRecord(data).source ?? data);
    desk.windows.change(id, { content: { kind: "markdown", source } });
  } else if (request.type === "imjoy/plugin-editor") {
    desk.windows.change(id, { content: editorOf(request.name, data) });
  } else desk.windows.change(id, { content: { kind: "value", value: data } });
}
