/** The real workbench, without its shell, with plugins that are installed from their text. */
import type { Peer } from "@imjoy/rpc";
import type { PluginHost } from "../../web/app/src/host/host";
import { createWorkbench } from "../../web/app/src/workbench";
import type { Parts } from "../../web/app/src/workbench-parts";
import { until } from "./times";

export type Workbench = ReturnType<typeof createWorkbench>;

export async function openWorkbench(): Promise<Workbench> {
  const workbench = createWorkbench();
  workbench.dialogs.subscribe((open) => {
    for (const dialog of open) if (dialog.kind === "install") dialog.done(dialog.card.source.tag);
  });
  await workbench.start();
  await until(() => workbench.engine.get().state === "connected");
  return workbench;
}

export async function install(workbench: Workbench, text: string, name: string): Promise<string> {
  const id = await workbench.installFromFile(new File([text], `${name}.imjoy.html`));
  if (!id) throw new Error(`${name} was not installed`);
  return id;
}

/** The peer of the page, by which it calls plugins and the engine. */
export function peerOf(workbench: Workbench): Peer {
  return partsOf(workbench).peer;
}

/** Where the function of a plugin or of the engine is. */
export function addressOf(workbench: Workbench, plugin?: string): string {
  if (plugin === undefined) return partsOf(workbench).connection.address as string;
  const { host } = Reflect.get(workbench, "room") as { host: PluginHost };
  return (host.instanceOf(plugin) as { address: string }).address;
}

function partsOf(workbench: Workbench): Parts {
  return Reflect.get(workbench, "parts") as Parts;
}
