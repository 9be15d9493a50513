/** Runs JavaScript plugins: in a closed-off frame, or in a worker of such a frame. */
import { connectPort, newId, type PortLink } from "@imjoy/rpc";
import { codedError, toFailure } from "../../plugins/failure";
import { Flow } from "../flow";
import { openFrame, type PluginFrame } from "../frame";
import { refuseEngine } from "../guard";
import { loadIntoFrame } from "../loader";
import { framePolicy } from "../policy";
import type { House, Instance, Launch, Runtime } from "./runtime";

/** Milliseconds that a plugin has to stop by itself after a call of it was cancelled. */
const SETTLE = 2000;
/** Milliseconds for the plugin's own `exit`. */
const EXIT = 1000;

export const runInWorker: Runtime = (house, launch) => run(house, launch, true);
export const runInFrame: Runtime = (house, launch) => run(house, launch, false);

async function run(house: House, launch: Launch, worker: boolean): Promise<Instance> {
  const { peer } = house;
  const { source, signal, job } = launch;
  const address = `${peer.address}/${newId()}`;
  launch.onAddress(address);
  const stop = new AbortController();
  const started = AbortSignal.any([signal, stop.signal]);
  const mirror = await house.libraries.mirrorFor(source);
  const frame = await openFrame({
    container: launch.container ?? house.hidden(),
    title: source.manifest.name,
    policy: framePolicy(source, mirror?.prefix),
    permissions: source.manifest.permissions,
    sdk: house.sdk,
    worker,
    mirror,
    address,
    host: peer.address,
    signal: started,
  });
  const connection = new FrameConnection(house, launch, address, frame);
  try {
    const exported = await loadIntoFrame({
      peer,
      address,
      source,
      facts: { workspace: "default", engineUrl: house.engine.address ? location.origin : "" },
      libraries: house.libraries,
      signal: started,
      onStep: (step, done, total) => job.update({ step, done, total, unit: "" }),
      log: (text) => launch.log("info", text),
    });
    return connection.instance(exported.methods, exported.values);
  } catch (error) {
    connection.close("The plugin could not be loaded.");
    throw connection.failure ?? error;
  }
}

/** The frame of one plugin, attached to the router. */
class FrameConnection {
  /** Why the frame cannot go on, when it said so. */
  failure: Error | null = null;
  private readonly link: PortLink;
  private readonly flow: Flow;
  private open = true;

  constructor(
    private readonly house: House,
    private readonly launch: Launch,
    private readonly address: string,
    private readonly frame: PluginFrame,
  ) {
    const { router, engine } = house;
    this.flow = new Flow({
      handle: (message) => {
        if (refuseEngine(message, engine.address, this.link.send)) return;
        router.route(message, address);
      },
      onFlood: () => this.crashed("It sends messages faster than the page can take them."),
    });
    this.link = connectPort(
      frame.port,
      (message) => this.flow.push(message),
      (error) => {
        if (error.code === "rpc.peer_gone") this.crashed("Its frame was closed by the browser.");
        else launch.log("error", error.message);
      },
    );
    router.attach(address, this.link.send);
    frame.onFailed = (reason) => this.crashed(reason);
  }

  instance(methods: string[], values: Record<string, unknown>): Instance {
    const { peer } = this.house;
    const { address } = this;
    return {
      address,
      methods,
      values,
      element: this.frame.element,
      settle: () =>
        peer.call(address, "sdk.idle", [], { timeout: SETTLE }).then(
          () => true,
          () => false,
        ),
      emit: (event, value) => {
        peer.call(address, "sdk.emit", [event, value]).catch(() => undefined);
      },
      stop: async (reason, stuck = false) => {
        if (this.open && !stuck && methods.includes("exit")) {
          await peer.call(address, "exit", [], { timeout: EXIT }).catch(() => undefined);
        }
        this.close(reason);
      },
    };
  }

  close(reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.flow.close();
    this.link.close();
    this.frame.remove();
    this.house.router.detach(this.address, reason);
  }

  private crashed(reason: string): void {
    if (!this.open) return;
    const cause = `The plugin ended unexpectedly: ${reason}`;
    const remedy = "Start it again; its log tells what happened last.";
    this.failure = codedError("plugin.crashed", cause, { cause, remedy });
    this.close(cause);
    this.launch.onExit(toFailure(this.failure, `Running ${this.launch.source.manifest.name}`));
  }
}
