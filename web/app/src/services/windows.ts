/** Services that open and find windows and dialogs. */
import type { FormField, WindowContent } from "../model";
import type { Installed } from "../plugins/catalog";
import { codedError } from "../plugins/failure";
import { readForm } from "../plugins/form";
import { hasWindow } from "../plugins/manifest";
import { isPageAddress, pagePlugin } from "../plugins/page-plugin";
import { hostsOf } from "../plugins/permissions";
import { isPluginText, readRepositoryAddress } from "../plugins/source";
import { apiUpTo, nameOf, type ServiceContext, type Services } from "./desk";
import { installFor } from "./install-for";
import { asRecord } from "./record";
import { isView, openView, viewHandle } from "./views";

interface Request extends Record<string, unknown> {
  type?: string;
  name?: string;
  src?: string;
  data?: unknown;
  config?: Record<string, unknown>;
  ui?: unknown;
}

const FORMS = new Set(["joy", "imjoy/joy"]);

/** A window request out of what plugins pass: an object, a type, an address, or the text of a plugin. */
function readRequest(first: unknown, second: unknown): Request {
  const extra = asRecord(second);
  if (typeof first !== "string") return { ...asRecord(first), ...extra };
  const isSource =
    isPluginText(first) || /^https?:\/\//.test(first) || readRepositoryAddress(first) !== null;
  return isSource ? { src: first, ...extra } : { type: first, ...extra };
}

async function open(context: ServiceContext, request: Request, dialog: boolean): Promise<unknown> {
  const { desk, caller, signal } = context;
  tellOfOther(context);
  const given = typeof request.type === "string" ? request.type : "";
  const isForm = FORMS.has(given) || (given === "" && request.ui !== undefined);
  const type = isForm ? "imjoy/joy" : given;
  const { src } = request;
  if (isView(type) && (!src || type.startsWith("imjoy/"))) {
    const opened = await openView(desk, {
      type,
      name: typeof request.name === "string" ? request.name : nameOf(context),
      data: request.data ?? request.config ?? (src ? { src } : null),
      config: request.config,
      ui: request.ui,
      beside: caller.window ?? desk.windows.lastImage()?.id,
      origin: `result of ${nameOf(context)}`,
      hosts: hostsOf(await desk.permissions.of(caller.plugin)),
    });
    desk.runInputs.opened(caller.plugin.id);
    return opened;
  }
  const plugin = await findWindowPlugin(context, request, type);
  return desk.pluginWindows.open(plugin, { ...request, dialog }, caller, signal);
}

/** A window that a plugin talks with has to open here, also when its run began in another workspace. */
function tellOfOther(context: ServiceContext): void {
  const { jobs, notices } = context.desk;
  const { id } = context.caller.plugin;
  const running = jobs.store.get().filter((job) => job.plugin === id && job.state === "running");
  const here = running.some(({ workspace }) => !jobs.isElsewhere(workspace));
  const began = running.at(-1)?.workspace;
  if (here || !began) return;
  const where = `in the workspace "${began.name}"; its window opens in this one.`;
  notices.tell(`window of ${id}`, `What ${nameOf(context)} does began ${where}`);
}

async function findWindowPlugin(
  context: ServiceContext,
  request: Request,
  type: string,
): Promise<Installed> {
  const { desk } = context;
  const wanted = typeof request.src === "string" && request.src ? request.src : type;
  if (isPageAddress(wanted)) return openPage(context, wanted, request);
  const address = readRepositoryAddress(wanted);
  const known = desk.catalog.byName(address?.name ?? wanted);
  if (known) return checkWindow(known);
  if (!request.src) {
    const cause = `No plugin is installed that opens windows of the type "${type}".`;
    const remedy = "Install the plugin of that name first.";
    throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
  }
  const tag = typeof request.tag === "string" ? request.tag : null;
  return checkWindow(desk.host.find(await installFor(context, wanted, tag)));
}

/** A page of another site takes part like a plugin, once the user has agreed to that site. */
async function openPage(context: ServiceContext, address: string, request: Request) {
  const { desk, caller } = context;
  const { origin } = new URL(address);
  const known = desk.catalog.lent(address);
  if (known) return known;
  const question = {
    title: `Open a page of ${origin}?`,
    text: `${nameOf(context)} wants to show ${address} in a window. The page then can do what plugins can, and is told what they send to it.`,
    confirm: "Open",
  };
  if (!(await desk.dialogs.confirm(question, caller.plugin.id))) {
    throw codedError("plugin.permission", "The user did not open the page.");
  }
  return desk.catalog.lend(address, pagePlugin(address, request));
}

function checkWindow(plugin: Installed): Installed {
  const { name, type } = plugin.source.manifest;
  if (hasWindow({ type })) return plugin;
  const cause = `${name} is a plugin of the type ${type}, which has no window.`;
  const remedy = "Call it with api.run or api.getPlugin.";
  throw codedError("plugin.error", `${cause} ${remedy}`, { cause, remedy });
}

async function showDialog(context: ServiceContext, first: unknown, second: unknown) {
  const request = readRequest(first, second);
  const isForm = request.ui !== undefined && (!request.type || FORMS.has(request.type));
  if (!isForm && !FORMS.has(request.type ?? "")) return open(context, request, true);
  const { fields, html } = readForm(request.ui ?? request.data);
  const title = typeof request.name === "string" ? request.name : nameOf(context);
  const { sanitize } = await import("./sanitize");
  const answers = await context.desk.dialogs.form(
    { title, fields: withAnswers(fields, request.config), html: sanitize(html) },
    context.caller.plugin.id,
  );
  if (answers !== null) return answers;
  // Later versions give nothing where earlier ones failed.
  if (!apiUpTo(context, "0.1.7")) return null;
  throw codedError("rpc.cancelled", "The user closed the form.");
}

function withAnswers(fields: FormField[], config: unknown): FormField[] {
  const answers = asRecord(config);
  return fields.map((field) =>
    Object.hasOwn(answers, field.id) ? { ...field, value: answers[field.id] } : field,
  );
}

/** The built-in view that shows a window's content, by the kind of the content. */
const KINDS: Partial<Record<WindowContent["kind"], string>> = {
  image: "imjoy/image",
  markdown: "imjoy/markdown",
  form: "imjoy/joy",
  tree: "imjoy/tree",
  terminal: "imjoy/terminal",
  compare: "imjoy/image-compare",
  value: "imjoy/generic",
};

function getWindow(context: ServiceContext, query: unknown): unknown {
  const { desk } = context;
  const wanted = typeof query === "string" ? { name: query } : asRecord(query);
  const { name, type, window_id, id, plugin_id } = wanted as Record<string, unknown>;
  const key = window_id ?? id;
  const owner =
    plugin_id === undefined ? undefined : (desk.catalog.byName(String(plugin_id))?.id ?? plugin_id);
  const matches = (facts: { id: string; name: string; type: string }): boolean =>
    (key === undefined || facts.id === key) &&
    (name === undefined || facts.name === name) &&
    (type === undefined || facts.type === type);
  const found = desk.pluginWindows
    .list()
    .find(
      ({ handle, plugin }) => matches(handle.facts) && (owner === undefined || plugin.id === owner),
    );
  if (found) return found.handle.api();
  if (owner !== undefined) return null;
  for (const { id: window, title, content } of desk.windows.store.get()) {
    const view = KINDS[content.kind];
    if (view === undefined || !matches({ id: window, name: title, type: view })) continue;
    const known = desk.views.get(window);
    if (known) return known.api();
    const request = { type: view, name: title, data: null, origin: nameOf(context) };
    return viewHandle(desk, request, window).api();
  }
  return null;
}

/** The window in which the caller lives. */
function ownWindow({ desk, caller }: ServiceContext) {
  const handle = caller.window === null ? undefined : desk.pluginWindows.handle(caller.window);
  if (handle) return handle;
  throw codedError("plugin.error", "Only a window plugin has a window of its own.");
}

export const windows: Services = {
  createWindow: (context, first, second) => {
    const request = readRequest(first, second);
    return open(context, request, request.dialog === true || request.as_dialog === true);
  },
  showDialog,
  getWindow,
  updateWindow: async (context, change) => {
    const { id: given, data, name } = asRecord(change);
    // Versions that had this function gave an id where a window is given now.
    const id = asRecord(asRecord(given).config).id ?? given;
    const found = getWindow(context, { id }) as { run?: (value: unknown) => unknown } | null;
    await found?.run?.({ data, name });
  },
  close: (context) => context.desk.pluginWindows.close(ownWindow(context).facts.id),
  focus: (context) => ownWindow(context).focus(),
  show: (context) => ownWindow(context).show(),
  hide: (context) => ownWindow(context).hide(),
  refresh: (context) => ownWindow(context).tell("refresh", null),
  resize: (context, size) => ownWindow(context).resize(size),
  emit: (context, event, value) => {
    const { caller, desk } = context;
    if (caller.window !== null) {
      desk.pluginWindows.handle(caller.window)?.emitToOpener(String(event), value);
    }
  },
};
