/** What happens to plugins when the engine comes and goes, and the plugin that somebody writes beside it. */
import type { EngineConnection } from "./engines/connection";
import type { KeptCall } from "./engines/link";
import type { PluginHost } from "./host/host";
import type { Catalog } from "./plugins/catalog";
import type { Library } from "./plugins/library";
import type { PluginRunner } from "./services/runner";

/** A plugin that somebody writes in a file of the engine's machine. */
interface DevFile {
  name: string;
  text: string;
}

export interface FollowParts {
  engine: EngineConnection;
  library: Library;
  host: PluginHost;
  /** Waits until the plugins that are installed are known. */
  ready(): Promise<{ catalog: Catalog; runner: PluginRunner }>;
  /** It is known now which work of before the page was loaded goes on. */
  takenUp(): void;
  develop(file: DevFile): Promise<unknown>;
}

export function followEngine(parts: FollowParts): void {
  const { engine, host, library } = parts;
  engine.onAway = () => host.onEngine.lost();
  engine.onConnected = (same, calls) => {
    void library.readElsewhere();
    void followDevelopment(parts);
    if (!same) {
      host.onEngine.drop(new Set(), "The engine was started anew; start the plugin again.");
      void parts.ready().then(parts.takenUp);
      return;
    }
    host.onEngine.resuming = engine
      .call("engine.list", [], { timeout: 20_000 })
      .then((list) => {
        const alive = new Set((list as { id: string }[]).map(({ id }) => id));
        host.onEngine.drop(alive, "The plugin ended while the engine was not connected.");
        return resume(parts, alive, calls);
      })
      .catch(() => undefined)
      .then(() => parts.takenUp());
  };
}

/** Opens the plugin that somebody writes with `imjoy dev`, now and whenever it is saved. */
async function followDevelopment({ engine, ready, develop }: FollowParts): Promise<void> {
  const tell = (file: DevFile): void => void develop(file);
  const file = await engine.call("engine.dev", [tell]).catch(() => null);
  await ready();
  if (file) await develop(file as DevFile);
}

/** After the page was loaded again: takes over the plugins that run on, and their calls. */
async function resume(
  { host, ready }: FollowParts,
  alive: ReadonlySet<string>,
  calls: readonly KeptCall[],
): Promise<void> {
  const { catalog, runner } = await ready();
  for (const id of alive) {
    const plugin = catalog.get(id);
    const instance = plugin && (await host.onEngine.reattach(plugin));
    if (!instance) continue;
    const running = calls.filter(({ to, target }) => to === instance.address && target === "run");
    for (const call of running) void runner.resume(plugin, call);
  }
}
