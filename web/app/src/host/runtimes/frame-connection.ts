/** The frame of one plugin, attached to the router, from its connection to its end. */
import { connectPort, type Frame, type PortLink, type RpcError } from "@imjoy/rpc";
import { codedError, toFailure } from "../../plugins/failure";
import { Flow } from "../flow";
import type { PluginFrame } from "../frame";
import { refuseCall } from "../guard";
import { neighboursOf } from "../neighbours";
import { Life } from "./life";
import type { House, Instance, Launch } from "./runtime";

/** Milliseconds for the plugin's own `exit`. */
const EXIT = 1000;

export class FrameConnection {
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
    const { router, engine, permissions } = house;
    const { id: plugin } = launch;
    const page = house.peer.address;
    this.flow = new Flow({
      handle: (message) => {
        const facts = { plugin, page, engine: engine.address, permissions };
        if (refuseCall(message, facts, this.link.send)) return;
        neighboursOf(router).note(message, address);
        router.route(message, address);
      },
      onFlood: () => this.crashed("It sends messages faster than the page can take them."),
    });
    const events = {
      onFrame: (message: Frame) => this.flow.push(message),
      onMilestone: (passed: () => void) => this.flow.push(passed),
      onError: (error: RpcError) => {
        if (error.code === "rpc.peer_gone") this.crashed("Its frame was closed by the browser.");
        else this.messageLost(error.message);
      },
    };
    this.link = connectPort(frame.port, events, { patient: true });
    router.attach(address, this.link.send);
    // Python in the page knows no straight ways.
    if (!launch.source.manifest.type.startsWith("web-python")) {
      neighboursOf(router).add(address, this.link);
    }
    frame.onFailed = (reason, stuck) => this.crashed(reason, stuck);
  }

  /** What it held is unknown: neither side may wait for it. */
  private messageLost(reason: string): void {
    const { peer } = this.house;
    this.launch.log("error", reason);
    peer.messageLost(this.address);
    peer.call(this.address, "sdk.lost", []).catch(() => undefined);
  }

  instance(methods: string[], values: Record<string, unknown>): Instance {
    const { peer } = this.house;
    const { address } = this;
    const life = new Life({
      ask: (timeout) => peer.call(address, "sdk.here", [], { timeout }),
      idle: (timeout) => peer.call(address, "sdk.idle", [], { timeout }),
    });
    return {
      address,
      methods,
      values,
      element: this.frame.element,
      watch: () => life.watch(),
      settle: () => life.settle(),
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

  close(reason: string, code?: string): void {
    if (!this.open) return;
    this.open = false;
    this.flow.close();
    this.link.close();
    this.frame.remove();
    neighboursOf(this.house.router).remove(this.address);
    this.house.router.detach(this.address, reason, { code });
  }

  private crashed(reason: string, stuck = false): void {
    if (!this.open) return;
    const cause = `The plugin ended unexpectedly: ${reason}`;
    const remedy = "Start it again; its log tells what happened last.";
    this.failure = codedError("plugin.crashed", cause, { cause, remedy });
    this.close(cause, "plugin.crashed");
    this.launch.onExit(toFailure(this.failure, `Running ${this.launch.source.manifest.name}`));
    if (stuck) this.launch.onStuck();
  }
}
