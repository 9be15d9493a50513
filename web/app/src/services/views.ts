/** The built-in views `imjoy/…`: images, text and values in a window. */
import { codedError } from "../plugins/failure";
import { mayReach } from "../plugins/permissions";
import { imageFrom } from "../workspaces/image-value";
import type { Desk } from "./desk";
import { show } from "./text";
import { type WindowApi, WindowHandle } from "./window-handle";

export interface ViewRequest {
  type: string;
  name: string;
  data: unknown;
  /** Window beside which it opens. */
  beside?: string | undefined;
  /** In words, for the list of images. */
  origin: string;
  /** Hosts that the plugin may reach, null for any: the page fetches nothing that it may not. */
  hosts?: string[] | null;
}

/** Names of the views, those of earlier versions included. */
const VIEWS: Record<string, (desk: Desk, request: ViewRequest) => Promise<string>> = {
  "imjoy/image": openImage,
  "imjoy/image-compare": openComparison,
  "imjoy/markdown": openMarkdown,
  "imjoy/generic": openValue,
  "imjoy/panel": openValue,
  "imjoy/files": openValue,
  "imjoy/tree": openValue,
  "imjoy/schema-io": openValue,
  "imjoy/images": openValue,
  "imjoy/url_list": openValue,
  "imjoy/log": openLog,
  "imjoy/plugin-editor": openCode,
};

export function isView(type: string): boolean {
  return type.startsWith("imjoy/");
}

/** Opens a built-in view. @returns the window as its opener sees it */
export async function openView(desk: Desk, request: ViewRequest): Promise<WindowApi> {
  const view = Object.hasOwn(VIEWS, request.type) ? VIEWS[request.type] : undefined;
  if (!view) {
    const cause = `There is no view "${request.type}".`;
    const remedy = `Use one of: ${Object.keys(VIEWS).join(", ")}.`;
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  }
  const id = await view(desk, request);
  return viewHandle(desk, request, id).api();
}

/** The handle of a window that is a view, for its opener. */
export function viewHandle(desk: Desk, request: ViewRequest, id: string): WindowHandle {
  const { windows } = desk;
  return new WindowHandle(
    { id, name: request.name, type: request.type },
    {
      close: () => windows.close(id),
      focus: () => windows.active.set(id),
      isOpen: () => windows.isOpen(id),
      run: (change) => changeView(desk, request, id, change),
      remote: () => async () => undefined,
    },
  );
}

async function openImage(desk: Desk, request: ViewRequest): Promise<string> {
  const { name, data, beside, origin } = request;
  const image = await imageFrom(withinNetwork(data, request.hosts ?? null), desk.readers);
  return desk.openImage(name, image, origin, beside);
}

/** Image data whose address, if it has one, is complete and one that the plugin may reach. */
function withinNetwork(data: unknown, hosts: string[] | null): unknown {
  const given = typeof data === "string" ? data : asRecord(data).src;
  if (typeof given !== "string" || !/^(https?:)?\/\//.test(given)) return data;
  const address = new URL(given, "https://host.invalid/");
  if (mayReach(hosts, address.host)) {
    return typeof data === "string" ? address.href : { ...asRecord(data), src: address.href };
  }
  const cause = `The plugin may not reach ${address.host}.`;
  const remedy = "Add the host to those that it may reach, under its permissions.";
  throw codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
}

async function openComparison(desk: Desk, request: ViewRequest): Promise<string> {
  const [first, second] = ["first", "second"]
    .map((side) => asRecord(request.data)[side])
    .map((side) => (typeof side === "string" ? { src: side } : side));
  const left = await openImage(desk, { ...request, name: `${request.name} (1)`, data: first });
  await openImage(desk, { ...request, name: `${request.name} (2)`, data: second, beside: left });
  return left;
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
  return openText(desk, name, show(asRecord(data).code ?? data), beside);
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
  change: unknown,
): Promise<void> {
  const { data, name } = asRecord(change);
  if (typeof name === "string") desk.windows.change(id, { title: name });
  if (data === undefined) return;
  if (request.type === "imjoy/image") {
    const image = await imageFrom(withinNetwork(data, request.hosts ?? null), desk.readers);
    const item = desk.items.add(request.name, image, request.origin);
    desk.windows.change(id, { content: { kind: "image", item: item.id } });
  } else if (request.type === "imjoy/markdown") {
    const source = typeof data === "string" ? data : show(asRecord(data).source ?? data);
    desk.windows.change(id, { content: { kind: "markdown", source } });
  } else desk.windows.change(id, { content: { kind: "value", value: data } });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
