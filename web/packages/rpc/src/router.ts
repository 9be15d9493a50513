/** Relays frames by their address, and believes nobody's word about who they are. */
import { RpcError } from "./errors";
import { isWithin, rootOf } from "./ids";
import type { GoneOptions, Peer } from "./peer";
import { answerTo, checkFrame, type Frame, type SendFrame, transferList } from "./protocol/frame";

export interface LinkOptions {
  /** The link carries a whole tree (page <-> engine), not one peer. */
  tree?: boolean | undefined;
}

interface Link {
  readonly address: string;
  readonly send: SendFrame;
  readonly tree: boolean;
}

const REMEMBERED = 10_000;

export class Router {
  /** The peer that lives here; it gets the frames that are addressed to the router. */
  local?: Peer;
  private readonly links = new Map<string, Link>();
  // Peers whose end has been told on, so that routers in a circle do not tell it forever.
  private readonly told = new Set<string>();

  constructor(readonly address: string) {}

  /** Adds the link to a child (below this address), or to another page or engine (`tree`). */
  attach(address: string, send: SendFrame, options: LinkOptions = {}): void {
    const tree = options.tree ?? !isWithin(address, this.address);
    for (const peer of this.told) if (isWithin(peer, address)) this.told.delete(peer);
    this.links.set(address, { address, send, tree });
  }

  /** Removes a link and tells everybody else that the peer, and all below it, is gone. */
  detach(address: string, reason: string, options: GoneOptions = {}): void {
    if (!this.links.delete(address)) return;
    this.tellGone(address, reason, options);
  }

  /** Takes a frame that arrived on the link of that address. Never throws. */
  route(frame: Frame, link: string): void {
    const source = this.links.get(link);
    if (source === undefined) return;
    try {
      this.pass(frame, source);
    } catch (error) {
      // One bad frame must not end the conversation of the others.
      this.refuseMalformed(frame, source, error);
    }
  }

  private pass(frame: Frame, source: Link): void {
    const checked = checkFrame(frame);
    if (!this.stamp(checked, source)) return;
    if (checked.header.type === "gone") this.onGone(checked.header, source);
    else this.relay(checked, transferList(checked), source);
  }

  /** Tells who waits for a call that went nowhere, if it can be seen who that is. */
  private refuseMalformed(frame: Frame, source: Link, error: unknown): void {
    try {
      const { header } = frame;
      if (header.type !== "call" || !isWithin(header.from, source.address)) return;
      source.send(checkFrame(answerTo(header, error, this.address)));
    } catch {
      // Neither who calls nor what is called can be seen.
    }
  }

  /** Takes a frame from the local peer. Throws when the link refuses it. */
  send(frame: Frame, transfer?: Transferable[]): void {
    const link = this.linkTo(frame.header.to);
    if (link !== undefined) link.send(frame, transfer);
    else if (frame.header.to === this.address) this.local?.receive(frame);
    else this.refuse(frame, (answer) => this.local?.receive(answer));
  }

  /** Puts the true sender on the frame; false when it claims to be somebody else. */
  private stamp(frame: Frame, source: Link): boolean {
    if (source.tree) return isWithin(frame.header.from, source.address);
    frame.header.from = source.address;
    return true;
  }

  private relay(frame: Frame, transfer: Transferable[], source: Link): void {
    if (frame.header.to === this.address && this.local !== undefined) {
      this.local.receive(frame);
      return;
    }
    const link = this.linkTo(frame.header.to);
    const answer = (refusal: Frame) => source.send(refusal);
    if (link === undefined) {
      this.refuse(frame, answer);
      return;
    }
    try {
      link.send(frame, transfer);
    } catch (error) {
      // Of an answer that cannot be passed on, whoever waits for it is told.
      this.refuse(frame, frame.header.type === "call" ? answer : link.send, error);
    }
  }

  private linkTo(to: string): Link | undefined {
    if (!to.startsWith(`${this.address}/`)) return this.links.get(rootOf(to));
    const end = to.indexOf("/", this.address.length + 1);
    return this.links.get(end < 0 ? to : to.slice(0, end));
  }

  /** Ends the call of a frame that cannot be delivered. */
  private refuse(frame: Frame, answer: (refusal: Frame) => void, cause?: unknown): void {
    const failure = answerTo(frame.header, refusal(cause), this.address);
    if (failure !== undefined && (cause !== undefined || frame.header.type === "call")) {
      answer(failure);
    }
  }

  // A child cannot know who has gone, and another page or engine only of what it leads to.
  private onGone(header: { peer: string; reason: string } & GoneOptions, source: Link): void {
    const { peer, reason } = header;
    if (!source.tree || isWithin(peer, this.address) || isWithin(this.address, peer)) return;
    const owner = this.links.get(rootOf(peer));
    if (owner !== undefined && owner !== source) return;
    this.tellGone(peer, reason, header, source);
  }

  private tellGone(peer: string, reason: string, how: GoneOptions, except?: Link): void {
    if (this.told.has(peer)) return;
    this.told.add(peer);
    if (this.told.size > REMEMBERED) this.told.delete(this.told.values().next().value as string);
    this.local?.peerGone(peer, reason, how);
    const { code, reloaded } = how;
    const more = { ...(code && { code }), ...(reloaded && { reloaded }) };
    for (const link of [...this.links.values()]) {
      if (link === except) continue;
      const to = link.address;
      const header = { type: "gone", to, from: this.address, peer, reason, ...more } as const;
      try {
        link.send({ header, body: "", buffers: [] });
      } catch {
        // A broken link is reported by its owner.
      }
    }
  }
}

function refusal(cause: unknown): RpcError {
  if (cause instanceof RpcError) return cause;
  if (cause === undefined) {
    return new RpcError("rpc.peer_unknown", "There is no such peer, or it has gone.");
  }
  return new RpcError("rpc.unserializable", `The message could not be passed on: ${String(cause)}`);
}
