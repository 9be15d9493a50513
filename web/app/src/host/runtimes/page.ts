/** Runs plugins that are web pages of their own and speak by the published imjoy-rpc library. */
import { newId, Peer } from "@imjoy/rpc";
import { codedError } from "../../plugins/failure";
import { allowedDevices } from "../frame-rights";
import { refuseCall } from "../guard";
import { Conversation, type PageOffer } from "../legacy/conversation";
import { openPageFrame, type PageFrame } from "../legacy/page-frame";
import { type ServiceCall, serviceCalls } from "../legacy/service-calls";
import type { House, Instance, Launch, Runtime } from "./runtime";

/** Seconds for a page to load and to offer its functions. */
const SECONDS = 15;
const EXIT = 1000;

export const runPage: Runtime = async (house, launch) => {
  const { source, signal, job } = launch;
  const { manifest } = source;
  const src = addressOf(launch);
  const address = `${house.peer.address}/${newId()}`;
  launch.onAddress(address);
  job.update({ step: `Loading ${src}` });
  const frame = await openPageFrame({
    container: launch.container ?? house.hidden(),
    title: manifest.name,
    src,
    base: house.base,
    allow: await allowedDevices(house.permissions, launch),
    signal,
  });
  const page = new ConnectedPage(house, launch, address, frame);
  if (manifest.passive === true) return page.instance({ config: {}, methods: {}, values: {} });
  try {
    return page.instance(await withinTime(page.conversation.offer, src, signal));
  } catch (error) {
    page.close("The page could not be loaded.");
    throw error;
  }
};

/** One page, with a peer of ours that stands for it. */
class ConnectedPage {
  readonly conversation: Conversation;
  private readonly peer: Peer;
  private readonly handlers = new Map<string, Set<(value: unknown) => unknown>>();
  private open = true;

  constructor(
    private readonly house: House,
    private readonly launch: Launch,
    private readonly address: string,
    private readonly frame: PageFrame,
  ) {
    const { router, engine, permissions } = house;
    const { id: plugin } = launch;
    const page = house.peer.address;
    this.peer = new Peer({
      address,
      send: (message) => {
        const facts = { plugin, page, engine: engine.address, permissions };
        if (!refuseCall(message, facts, (answer) => this.peer.receive(answer))) {
          router.route(message, address);
        }
      },
    });
    router.attach(address, (message) => this.peer.receive(message));
    this.conversation = new Conversation({
      name: launch.source.manifest.name,
      api: this.makeApi(),
      send: (message) => frame.port.postMessage(message),
      onError: (error) =>
        launch.log("error", error instanceof Error ? error.message : String(error)),
      onEnd: () => this.close("The page has ended the conversation."),
    });
    frame.port.onmessage = ({ data }: MessageEvent<unknown>) => this.conversation.receive(data);
  }

  instance({ methods, values }: PageOffer): Instance {
    for (const [name, method] of Object.entries(methods)) this.peer.export(name, method);
    return {
      address: this.address,
      methods: Object.keys(methods),
      values,
      element: this.frame.element,
      settle: async () => false,
      emit: (event, value) => this.emit(event, value),
      stop: async (reason, stuck = false) => {
        if (this.open && !stuck && methods.exit) {
          const { peer } = this.house;
          await peer.call(this.address, "exit", [], { timeout: EXIT }).catch(() => undefined);
        }
        this.close(reason);
      },
    };
  }

  close(reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.frame.remove();
    this.peer.close(reason);
    this.house.router.detach(this.address, reason);
  }

  private emit(event: string, value: unknown): void {
    for (const handler of this.handlers.get(event) ?? []) {
      void Promise.resolve(handler(value)).catch((error: unknown) =>
        this.launch.log("error", String(error)),
      );
    }
  }

  /** The functions of the workbench as one object, with those about events here. */
  private makeApi(): Record<string, unknown> {
    const { house, launch, peer } = this;
    const call: ServiceCall =
      (name) =>
      (...args) =>
        peer.call(house.peer.address, `api.${name}`, args);
    const { tag } = launch.source;
    const workspace = house.workspace();
    return {
      ...serviceCalls(house.services(), call),
      on: (event: string, handler: (value: unknown) => unknown) => {
        this.handlers.set(event, (this.handlers.get(event) ?? new Set()).add(handler));
      },
      off: (event: string) => {
        this.handlers.delete(event);
      },
      emit: async (event: string, value: unknown) => {
        this.emit(event, value);
        await call("emit")(event, value);
      },
      TAG: tag,
      WORKSPACE: workspace,
      config: { tag, workspace },
    };
  }
}

function addressOf({ source }: Launch): string {
  const { base_frame: frame, src } = source.manifest;
  const address = [frame, src].find((value) => typeof value === "string" && value !== "");
  if (typeof address === "string" && /^https?:\/\//.test(address)) return address;
  const cause = "The plugin is a web page, but does not say which.";
  const remedy = 'Give its address as "base_frame" in the <config> block.';
  throw codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy });
}

function withinTime(
  offer: Promise<PageOffer>,
  src: string,
  signal: AbortSignal,
): Promise<PageOffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const cause = `The page ${src} did not connect to the workbench within ${SECONDS} seconds.`;
      const remedy =
        "Check that it can be reached, may be shown in a frame, and calls setupRPC of imjoy-rpc.";
      reject(codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy }));
    }, SECONDS * 1000);
    const cancel = (): void => reject(codedError("rpc.cancelled", "The start was cancelled."));
    signal.addEventListener("abort", cancel);
    void offer.then(resolve).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    });
  });
}
