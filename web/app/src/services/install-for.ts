/** Installs a plugin for another one that asks for it. */
import type { PluginSource } from "../model";
import { codedError } from "../plugins/failure";
import { hostsOf } from "../plugins/permissions";
import { nameOf, type ServiceContext } from "./desk";

/** Questions of one plugin that may wait; each is a dialog of the whole page. */
const WAITING = 5;
const waiting = new WeakMap<object, number>();

/**
 * Gives the id of the installed plugin. An address can tell its host what the caller knows, so a caller
 * whose network is limited needs the user's word before anything is fetched.
 * @throws RpcError plugin.permission when the user declines
 */
export async function installFor(
  context: ServiceContext,
  source: string,
  tag: string | null,
  parent?: PluginSource,
): Promise<string> {
  const { plugin } = context.caller;
  const count = waiting.get(plugin) ?? 0;
  if (count >= WAITING) throw declined();
  waiting.set(plugin, count + 1);
  try {
    return await ask(context, source, tag, parent);
  } finally {
    waiting.set(plugin, (waiting.get(plugin) ?? 1) - 1);
  }
}

async function ask(
  context: ServiceContext,
  source: string,
  tag: string | null,
  parent?: PluginSource,
): Promise<string> {
  const { desk, caller } = context;
  const limited = hostsOf(await desk.permissions.of(caller.plugin)) !== null;
  if (limited && !source.includes("\n")) {
    const question = {
      title: "Fetch a plugin?",
      text: `${nameOf(context)}, which may not reach every host, wants to install a plugin from ${source}`,
      confirm: "Fetch",
    };
    if (!(await desk.dialogs.confirm(question, caller.plugin.id))) throw declined();
  }
  const id = await desk.install(source, tag, parent);
  if (id === null) throw declined();
  return id;
}

function declined(): Error {
  return codedError("plugin.permission", "The user did not install it.");
}
