/** Lets the page in which this one is embedded use the workbench as a plugin does, when its site is allowed. */
import { connectPort, newId, type Peer, type Router } from "@imjoy/rpc";
import type { EngineConnection } from "../engines/connection";
import { refuseCall } from "../host/guard";
import type { PluginHost } from "../host/host";
import type { PluginPermissions } from "../host/permissions";
import type { Catalog } from "../plugins/catalog";
import { pagePlugin } from "../plugins/page-plugin";
import { PublishedEmbedding } from "./embedding-published";

export interface EmbeddingParts {
  peer: Peer;
  router: Router;
  engine: EngineConnection;
  catalog: Catalog;
  host: PluginHost;
  permissions: Pick<PluginPermissions, "allows">;
  /** The names of what plugins can call. */
  services(): string[];
  confirm(question: { title: string; text: string; confirm?: string }): Promise<boolean>;
}

type Kept = Pick<Storage, "getItem" | "setItem">;

const KEY = "imjoy.embedders";

export class Embedding {
  constructor(
    private readonly parts: EmbeddingParts,
    /** The page around this one. */
    private readonly around: Window = window.parent,
    private readonly storage: Kept | null = browserStorage(),
  ) {}

  /** Answers the page around this one, whenever it asks. A page that is not embedded asks nobody. */
  listen(page: Window = window): void {
    if (this.around === page) return;
    page.addEventListener("message", (event: MessageEvent<unknown>) => {
      const said = event.data as { imjoy?: unknown } | null;
      const port = event.ports[0];
      if (event.source !== this.around || said?.imjoy !== "embed" || !port) return;
      void this.answer(event.origin, port);
    });
    // Holds nothing: which page reads it is not known.
    this.around.postMessage({ imjoy: "embeddable" }, "*");
    const allowed = (origin: string): Promise<boolean> => this.isAllowed(origin);
    new PublishedEmbedding(this.parts, this.around, allowed).listen(page);
  }

  /** Connects the port to the workbench, or says through it why not. */
  async answer(origin: string, port: MessagePort): Promise<void> {
    if (await this.isAllowed(origin)) this.admit(origin, port);
    else {
      const message = `The workbench was not opened for ${origin}.`;
      port.postMessage({ imjoy: "refused", message });
      port.close();
    }
  }

  private async isAllowed(origin: string): Promise<boolean> {
    if (!/^https?:\/\//.test(origin)) return false;
    const kept = this.kept();
    if (kept.includes(origin) || namedByEngine().includes(origin)) return true;
    const question = {
      title: `Let ${origin} use this workbench?`,
      text: `This workbench is shown inside a page of ${origin}. That page wants to open windows and data here, run the plugins that are installed here, and read what they give. It is asked about only once.`,
      confirm: "Allow",
    };
    if (!(await this.parts.confirm(question))) return false;
    try {
      this.storage?.setItem(KEY, JSON.stringify([...kept, origin]));
    } catch {
      // Without storage the next visit asks again.
    }
    return true;
  }

  private admit(origin: string, port: MessagePort): void {
    const { peer, router, engine, catalog, host, permissions } = this.parts;
    const address = `${peer.address}/${newId()}`;
    const plugin = catalog.lend(`around ${origin}`, pagePlugin(`${origin}/`, {}));
    port.postMessage({ imjoy: "welcome", address, host: peer.address });
    const link = connectPort(port, {
      onFrame: (frame) => {
        const page = peer.address;
        const facts = { plugin: plugin.id, page, engine: engine.address, permissions };
        if (!refuseCall(frame, facts, link.send)) router.route(frame, address);
      },
      onError: (error) => {
        if (error.code !== "rpc.peer_gone") return;
        router.detach(address, "The page around the workbench has left.");
        host.dismiss(address);
      },
    });
    router.attach(address, link.send);
    host.introduce(address, plugin.id);
  }

  private kept(): string[] {
    try {
      const list: unknown = JSON.parse(this.storage?.getItem(KEY) ?? "[]");
      return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
    } catch {
      return [];
    }
  }
}

/** Sites that the engine was started for (`--embed-in`); without an engine there are none. */
function namedByEngine(): string[] {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="imjoy-embed-in"]');
  return (meta?.content ?? "").split(" ").filter(Boolean);
}

function browserStorage(): Kept | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
