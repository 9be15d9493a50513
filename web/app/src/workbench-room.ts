/** What the workbench has once its database is open: installed plugins, what runs them, and what serves them. */
import { hiddenContainer } from "./host/hidden-container";
import { PluginHost } from "./host/host";
import { Libraries } from "./host/libraries";
import type { PluginPermissions } from "./host/permissions";
import { PythonFiles } from "./host/python-files";
import { Catalog } from "./plugins/catalog";
import type { Installer } from "./plugins/installer";
import { allServices, exportServices } from "./services";
import type { Desk } from "./services/desk";
import type { EngineFiles } from "./services/engine-files";
import type { EngineEnvironments } from "./services/environments";
import type { Forms } from "./services/forms";
import { Operators } from "./services/operators";
import { PluginWindows } from "./services/plugin-windows";
import { Registry } from "./services/registry";
import { RunInputs } from "./services/run-inputs";
import { PluginRunner } from "./services/runner";
import { makeInstaller } from "./workbench-installer";
import type { Parts } from "./workbench-parts";
import type { PluginActions } from "./workbench-plugins";
import type { Database } from "./workspaces/database";
import { agreements, Settings } from "./workspaces/settings";

export interface Room extends Desk {
  runner: PluginRunner;
  installer: Installer;
  database: Database;
  /** The names of what plugins can call. */
  services(): string[];
}

export interface RoomParts {
  parts: Parts;
  plugins: PluginActions;
  environments: EngineEnvironments;
  files: EngineFiles;
  forms: Forms;
  permissions: PluginPermissions;
  /** The folder of the open workspace on the engine. */
  folder(): string;
  workspaces: Desk["workspaces"];
}

/** `sdk` is the program of frames. */
export function makeRoom(needs: RoomParts, database: Database, sdk: string): Room {
  const { parts, forms, permissions, files, environments } = needs;
  const { peer, entries, windows, dialogs, notices, jobs, items, readers, status } = parts;
  const catalog = new Catalog(database.table("plugins"), database.table("versions"));
  const settings = new Settings(database);
  const services = allServices(parts.actions);
  const names = (): string[] => Object.keys(services);
  const house = makeHouse(needs, { settings, sdk, services: names });
  const host = new PluginHost(house, catalog, entries, jobs);
  const registry = new Registry();
  const operators = new Operators({ registry, entries, forms, settings });
  const pluginWindows = makePluginWindows(needs, host);
  const desk: Desk = {
    peer,
    host,
    catalog,
    pluginWindows,
    forms,
    operators,
    windows,
    dialogs,
    notices,
    jobs,
    runInputs: new RunInputs(windows),
    items,
    settings,
    files,
    registry,
    permissions,
    views: new Map(),
    readers,
    workspace: needs.folder,
    workspaces: needs.workspaces,
    status,
    setProgress: (id, progress) => entries.change(id, { progress }),
    openImage: (name, image, origin, beside) => parts.opener.show(name, image, origin, beside),
    install: (source, tag, parent) => installer.fromSource(source, tag, parent),
    remove: (id) => needs.plugins.remove(id),
    fail: (failure) => notices.fail(failure),
    begin: (step) => notices.forget(step),
  };
  parts.opener.sendThere = async (workspace, step, images) => {
    const { sendThere } = await import("./services/elsewhere");
    return sendThere(desk, workspace, step, async ({ openImage }) => {
      for (const { name, image, origin } of images) openImage(name, image, origin);
    });
  };
  const installer = makeInstaller(parts, environments, desk);
  exportServices(peer, desk, services);
  return { ...desk, installer, database, services: names, runner: new PluginRunner(desk, entries) };
}

/** What runs plugins: their frames, the engine, and the libraries that they load. */
function makeHouse(
  { parts, permissions, folder }: RoomParts,
  rest: { settings: Settings; sdk: string; services(): string[] },
): ConstructorParameters<typeof PluginHost>[0] {
  const { base, peer, router, connection: engine, dialogs } = parts;
  const { settings, sdk, services } = rest;
  return {
    base,
    services,
    peer,
    router,
    engine,
    libraries: new Libraries({
      base,
      askEngine: (path) => engine.ask(path),
      engine: () => engine.address,
    }),
    python: new PythonFiles(base, (...asked) => engine.ifConnected("files.wheel", asked)),
    sdk,
    hidden: hiddenContainer,
    workspace: folder,
    permissions,
    storage: async (id: string) => (await settings.all(id, "storage")) as Record<string, string>,
    agreements: agreements(settings),
    confirm: (question) => dialogs.confirm(question),
  };
}

function makePluginWindows({ parts, forms }: RoomParts, host: PluginHost): PluginWindows {
  const { peer, entries, windows, dialogs, jobs } = parts;
  return new PluginWindows({
    host,
    windows,
    dialogs,
    jobs,
    remote: (address, method) => peer.remote(address, method),
    configOf: (id) => forms.answers(id),
    onState: (id, state) => entries.change(id, { state, failure: null }),
    onFailure: (id, failure) => entries.fail(id, failure),
  });
}
