/** Lets a page around that uses the published imjoy-core take part: the workbench is a window plugin of it. */
import { newId, Peer } from "@imjoy/rpc";
import { refuseCall } from "../host/guard";
import { Conversation } from "../host/legacy/conversation";
import { type ServiceCall, serviceCalls } from "../host/legacy/service-calls";
import { pagePlugin } from "../plugins/page-plugin";
import type { EmbeddingParts } from "./embedding";

/** What the page around does with its window itself. */
const ITS_OWN = new Set(["close", "emit", "focus", "hide", "refresh", "resize", "show"]);
/** Messages that are kept while the user is asked. */
const WAITING = 100;

export class PublishedEmbedding {
  /** By which the page around knows this one. */
  private readonly id = newId();
  private origin: string | null = null;
  private conversation: Conversation | null = null;
  private waiting: unknown[] = [];
  /** The page around, as a plugin. */
  private plugin: string | null = null;

  constructor(
    private readonly parts: EmbeddingParts,
    private readonly around: Window,
    private readonly isAllowed: (origin: string) => Promise<boolean>,
  ) {}

  listen(page: Window): void {
    page.addEventListener("message", (event: MessageEvent<{ peer_id?: unknown } | null>) => {
      if (event.source !== this.around || event.data?.peer_id !== this.id) return;
      // The page around may go to another site; that one was not asked about.
      if (this.origin !== null && event.origin !== this.origin) return;
      this.receive(event.origin, event.data);
    });
    const config = {
      id: this.id,
      name: "ImJoy",
      type: "rpc-window",
      version: "1.0.0",
      api_version: "0.2.3",
      description: "The ImJoy workbench.",
      allow_execution: false,
    };
    const { origin } = page.location;
    // Holds nothing: which page reads it is not known yet.
    this.around.postMessage({ type: "initialized", config, origin, peer_id: this.id }, "*");
  }

  private receive(origin: string, message: unknown): void {
    if (this.conversation) this.conversation.receive(message);
    else if (this.waiting.length < WAITING) this.waiting.push(message);
    if (this.origin !== null) return;
    this.origin = origin;
    void this.isAllowed(origin).then((allowed) => {
      const api = allowed ? this.admit(origin) : refusal(origin);
      this.conversation = new Conversation({
        name: "ImJoy",
        id: this.id,
        api,
        send: (reply) => this.around.postMessage(reply, origin),
        onError: (error) => this.log(error),
        onEnd: () => undefined,
      });
      for (const waiting of this.waiting.splice(0)) this.conversation.receive(waiting);
    });
  }

  private log(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (this.plugin !== null) this.parts.host.log(this.plugin, "error", text);
  }

  /** A caller like a plugin: the same services, the same refusals. */
  private admit(origin: string): Record<string, unknown> {
    const { peer, router, engine, catalog, host, permissions, services } = this.parts;
    const address = `${peer.address}/${newId()}`;
    const { id: plugin } = catalog.lend(`around ${origin}`, pagePlugin(`${origin}/`, {}));
    this.plugin = plugin;
    const own: Peer = new Peer({
      address,
      send: (frame) => {
        const facts = { plugin, page: peer.address, engine: engine.address, permissions };
        if (!refuseCall(frame, facts, (answer) => own.receive(answer))) {
          router.route(frame, address);
        }
      },
    });
    router.attach(address, (frame) => own.receive(frame));
    host.introduce(address, plugin);
    const call: ServiceCall =
      (name) =>
      (...args) =>
        own.call(peer.address, `api.${name}`, args);
    return withFirstRun(
      serviceCalls(
        services().filter((name) => !ITS_OWN.has(name)),
        call,
      ),
    );
  }
}

/** The page around sets its plugin up and runs it once; later `run` is the service of that name. */
function withFirstRun(api: Record<string, unknown>): Record<string, unknown> {
  const run = api.run as (...args: unknown[]) => Promise<unknown>;
  let first = true;
  return {
    ...api,
    setup: () => undefined,
    run: (...args: unknown[]) => {
      if (!first) return run(...args);
      first = false;
      return undefined;
    },
  };
}

function refusal(origin: string): Record<string, unknown> {
  const refuse = (): never => {
    throw new Error(
      `The workbench was not opened for ${origin}. Start its engine with --embed-in ${origin}, or agree when it asks.`,
    );
  };
  return { setup: refuse, run: refuse };
}
