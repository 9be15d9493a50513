/** Joins the installer to the rooms that hear of what it does. */
import type { EngineConnection } from "./engines/connection";
import type { PluginSource, TextProblem } from "./model";
import { Installer } from "./plugins/installer";
import { carriedOver, defaultPermissions } from "./plugins/permissions";
import { type Mistake, PATIENCE, syntaxProblems } from "./plugins/script-syntax";
import type { Desk } from "./services/desk";
import type { EngineEnvironments } from "./services/environments";
import type { Parts } from "./workbench-parts";

export function makeInstaller(
  { base, library, connection, entries, dialogs, notices }: Parts,
  environments: EngineEnvironments,
  { catalog, host, operators, permissions, pluginWindows, settings }: Desk,
): Installer {
  return new Installer({
    catalog,
    base,
    repository: () => library.entries.get().filter(({ repository }) => repository === ""),
    hasEngine: () => connection.address !== null,
    preview: (source) => environments.preview(source),
    fromPythonModule: async (text, name) =>
      String(await connection.call("engine.module", [text, name])),
    mistakesIn: mistakesWith(connection),
    log: (id, text) => entries.log(id, "info", text),
    get: library.get,
    ask: (card) => dialogs.install(card),
    beforeReplace: async (id) => {
      await host.stop(id, "The plugin was replaced by another version.");
    },
    permissionsOf: async (source, known) =>
      known ? carriedOver(await permissions.of(known), source) : defaultPermissions(source),
    keepPermissions: (installed, kept) => permissions.keep(installed, kept),
    onInstalled: async (installed) => {
      entries.set(installed, await settings.all(installed.id, "form"));
      await operators.forget(installed.id);
      notices.notify("success", `${installed.source.manifest.name} is installed.`);
      await pluginWindows.reload(installed);
    },
  });
}

/** Finds mistakes in scripts; those in Python with the help of the engine, when there is one. */
export function mistakesWith(
  connection: Pick<EngineConnection, "address" | "call">,
): (source: PluginSource) => Promise<TextProblem[]> {
  const ask = async (texts: string[]): Promise<(Mistake | null)[]> =>
    (await connection.call("engine.syntax", [texts], { timeout: PATIENCE })) as (Mistake | null)[];
  return (source) => syntaxProblems(source, connection.address === null ? undefined : ask);
}
