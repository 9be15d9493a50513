/** Services by which plugins find, call and install other plugins. */
import type { Instance } from "../host/runtimes";
import type { Installed } from "../plugins/catalog";
import { nameOf } from "../plugins/dependencies";
import { codedError, toFailure } from "../plugins/failure";
import { hasWindow } from "../plugins/manifest";
import { isPluginText, readRepositoryAddress } from "../plugins/source";
import { runContext } from "./context";
import type { ServiceContext, Services } from "./desk";
import { fileSystem } from "./file-system";
import { installFor } from "./install-for";
import { runOperator } from "./operators";
import { asRecord } from "./record";
import type { Offered } from "./registry";

/** The plugin that an argument names: its name, `user/repo:Name`, an address, or `{name | src, tag}`. */
async function resolve(context: ServiceContext, wanted: unknown): Promise<Installed> {
  const { desk } = context;
  const query = typeof wanted === "object" && wanted !== null ? wanted : { name: wanted };
  const { name, src, uri, tag, id } = query as Record<string, unknown>;
  // A name beside the source is that of the plugin when it is here already.
  const called = String(name ?? id ?? "");
  const given = String(src ?? uri ?? called);
  const known = findKnown(context, called) ?? findKnown(context, given);
  if (known) return permitted(context, known);
  const address = readRepositoryAddress(given);
  const isSource = address !== null || isPluginText(given) || /^https?:\/\//.test(given);
  const declared = isSource ? given : declaredAs(context, given);
  if (declared === undefined) return desk.host.find(given);
  const { source: parent } = context.caller.plugin;
  const chosen = typeof tag === "string" ? tag : null;
  const installed = await installFor(context, declared, chosen, parent).catch((error: unknown) => {
    if (isSource) throw error;
    throw missing(given, error);
  });
  return permitted(context, desk.host.find(installed));
}

function findKnown({ desk }: ServiceContext, given: string): Installed | undefined {
  const name = readRepositoryAddress(given)?.name ?? given;
  return desk.catalog.byName(name) ?? desk.catalog.get(given);
}

/** The plugin, once it is sure that the caller may use one that runs where this does. */
async function permitted({ desk, caller }: ServiceContext, plugin: Installed): Promise<Installed> {
  if (isOnEngine(plugin) && !isOnEngine(caller.plugin)) {
    await desk.permissions.require(caller.plugin, "engine");
  }
  return plugin;
}

function isOnEngine({ source }: Installed): boolean {
  return source.manifest.type === "native-python";
}

/** The address under which the caller's manifest names a plugin that it depends on. */
function declaredAs({ caller }: ServiceContext, name: string): string | undefined {
  const { dependencies } = caller.plugin.source.manifest;
  return dependencies.find((address) => nameOf(address).toLowerCase() === name.toLowerCase());
}

function missing(name: string, error: unknown): Error {
  const { cause: reason, remedy } = toFailure(error, "");
  const cause = `There is no plugin "${name}", and it cannot be installed. ${reason}`;
  return codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
}

/** References to the plugin's own functions, so that data goes from plugin to plugin directly. */
export function remoteObject(
  { desk }: ServiceContext,
  instance: Instance,
): Record<string, unknown> {
  const functions = instance.methods.map((name) => [
    name,
    desk.peer.remote(instance.address, name),
  ]);
  return { ...instance.values, ...Object.fromEntries(functions) };
}

async function getPlugin(
  context: ServiceContext,
  given: unknown,
  extra: unknown,
): Promise<unknown> {
  // Options may come beside the name.
  const wanted =
    typeof extra === "object" && extra !== null
      ? { ...(typeof given === "string" ? { name: given } : asRecord(given)), ...extra }
      : given;
  if (isFileSystem(context, wanted)) return filesOf(context);
  const plugin = await resolve(context, wanted);
  const { manifest } = plugin.source;
  if (hasWindow(manifest)) {
    return {
      setup: () => undefined,
      run: (given?: unknown) =>
        context.desk.pluginWindows.open(plugin, { ...asRecord(given) }, context.caller),
    };
  }
  return remoteObject(context, await startFor(context, plugin));
}

/** Starts a plugin for the caller, who is told when it could not be set up. */
function startFor({ desk, caller }: ServiceContext, { id, source }: Installed): Promise<Instance> {
  return desk.host.startFor(id, (error) => {
    const { name } = source.manifest;
    const { cause, remedy } = toFailure(error, "");
    desk.host.log(caller.plugin.id, "info", `${name} could not be set up: ${cause} ${remedy}`);
  });
}

/** Earlier versions brought a plugin of that name along, whose functions are those of `api.fs`. */
function isFileSystem({ desk }: ServiceContext, wanted: unknown): boolean {
  const name = typeof wanted === "string" ? wanted : asRecord(wanted).name;
  return name === "BrowserFS" && desk.catalog.byName("BrowserFS") === undefined;
}

function filesOf(context: ServiceContext): Record<string, unknown> {
  const functions = Object.entries(fileSystem).map(([name, service]) => {
    const plain = name.slice("fs.".length);
    const run = async (...args: unknown[]): Promise<unknown> => service(context, ...args);
    return [plain, withCallback(plain, run)];
  });
  const all = Object.fromEntries(functions);
  return { ...all, fs: all };
}

/** Calls back as Node does when the last argument is a function, as plugins of that time give one. */
function withCallback(name: string, run: (...args: unknown[]) => Promise<unknown>) {
  return async (...args: unknown[]): Promise<unknown> => {
    const callback = args.at(-1);
    if (typeof callback !== "function") return run(...args);
    try {
      const answer = await run(...args.slice(0, -1));
      if (name === "exists") callback(answer);
      else callback(null, answer);
    } catch (error) {
      callback(error);
    }
    return undefined;
  };
}

async function uninstall({ desk, caller }: ServiceContext, wanted: unknown): Promise<boolean> {
  const name = typeof wanted === "string" ? wanted : String(asRecord(wanted).name ?? "");
  const { id, source } = desk.host.find(name);
  const question = {
    title: `Remove ${source.manifest.name}?`,
    text: `${caller.plugin.source.manifest.name} wants to remove the plugin ${source.manifest.name}, with what it has kept.`,
    confirm: "Remove",
  };
  const agreed = await desk.dialogs.confirm(question, caller.plugin.id);
  if (agreed) await desk.remove(id);
  return agreed;
}

async function run(context: ServiceContext, wanted: unknown, given: unknown): Promise<unknown> {
  const { desk, caller, signal } = context;
  const details = asRecord(given);
  const offer = await findOperator(context, wanted);
  if (offer) {
    await permitted(context, desk.host.find(offer.owner));
    const answers = desk.forms.answers(offer.owner, offer.name);
    return runOperator(desk, offer, runContext(offer.name, answers, details), { signal });
  }
  const plugin = await resolve(context, wanted);
  const { manifest } = plugin.source;
  if (hasWindow(manifest)) return desk.pluginWindows.open(plugin, details, caller);
  const runWith = runContext(manifest.name, desk.forms.answers(plugin.id), details);
  return desk.host.run(plugin.id, runWith, { signal });
}

/** Operations that a plugin registered itself are named `plugin/operation`. */
async function findOperator(
  { desk }: ServiceContext,
  wanted: unknown,
): Promise<Offered | undefined> {
  const found = /^([^/]+)\/(.+)$/.exec(String(wanted));
  const owner = found && desk.catalog.byName(found[1] as string);
  if (!owner) return undefined;
  const operator = (): Offered | undefined => desk.registry.operator(owner.id, found[2] as string);
  // A plugin says what it offers while it is set up.
  if (!operator() && !hasWindow(owner.source.manifest)) await desk.host.start(owner.id);
  return operator();
}

async function call(
  context: ServiceContext,
  wanted: unknown,
  method: unknown,
  ...args: unknown[]
): Promise<unknown> {
  const { desk, signal } = context;
  const plugin = await resolve(context, wanted);
  const instance = await startFor(context, plugin);
  return desk.host.call(instance, String(method), args, { signal }, async () => undefined);
}

async function install(context: ServiceContext, wanted: unknown): Promise<unknown> {
  const query = typeof wanted === "object" && wanted !== null ? wanted : { src: wanted };
  const { src, uri, tag } = query as Record<string, unknown>;
  const id = await installFor(context, String(src ?? uri), typeof tag === "string" ? tag : null);
  const { manifest } = context.desk.host.find(id).source;
  return { name: manifest.name, type: manifest.type, version: manifest.version };
}

/** Ends a plugin, which the user agrees to when it runs, and starts it again; its windows are opened anew. */
async function reload(context: ServiceContext, wanted: unknown): Promise<unknown> {
  const { desk } = context;
  const plugin = desk.host.find(String(asRecord(wanted).name ?? wanted));
  if (plugin.id === context.caller.plugin.id) {
    throw codedError("plugin.error", "A plugin cannot reload itself; use its button.");
  }
  const { name } = plugin.source.manifest;
  const question = {
    title: `Start ${name} again?`,
    text: `${context.caller.plugin.source.manifest.name} wants to end the plugin ${name}, with what it is doing, and start it again.`,
    confirm: "Start again",
  };
  const runs = desk.host.instanceOf(plugin.id) !== undefined;
  if (runs && !(await desk.dialogs.confirm(question, context.caller.plugin.id))) {
    throw codedError("plugin.permission", "The user did not want it to be started again.");
  }
  await desk.host.stop(plugin.id, "The plugin was reloaded.");
  if (hasWindow(plugin.source.manifest)) await desk.pluginWindows.reload(plugin);
  else await desk.host.start(plugin.id);
  return getPlugin(context, plugin.id, null);
}

export const plugins: Services = {
  reloadPlugin: reload,
  getPlugin,
  loadPlugin: getPlugin,
  run,
  call,
  installPlugin: install,
  uninstallPlugin: uninstall,
};
