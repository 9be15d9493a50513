/** Introduces plugins of the page that send each other large arrays, so that these need not pass the page. */
import { bulkOf, DIRECT_FROM, type Frame, type PortLink, type Router } from "@imjoy/rpc";

/** Straight ways that are opened in one page. */
const MOST = 1000;

export class Neighbours {
  private readonly links = new Map<string, PortLink>();
  private readonly joined = new Set<string>();

  add(address: string, link: PortLink): void {
    this.links.set(address, link);
  }

  remove(address: string): void {
    this.links.delete(address);
    for (const pair of this.joined) if (pair.includes(address)) this.joined.delete(pair);
  }

  /** Told of a frame that one plugin sends to another, whose address it knows. */
  note(frame: Frame, from: string): void {
    if (frame.buffers.length === 0 || bulkOf(frame) < DIRECT_FROM) return;
    const { to } = frame.header;
    const [one, other] = [this.links.get(from), this.links.get(to)];
    const pair = [from, to].sort().join(" ");
    if (!one || !other || from === to || this.joined.has(pair) || this.joined.size >= MOST) return;
    this.joined.add(pair);
    const { port1, port2 } = new MessageChannel();
    one.introduce(to, port1);
    other.introduce(from, port2);
  }
}

const all = new WeakMap<Router, Neighbours>();

/** Those whose frames this router relays. */
export function neighboursOf(router: Router): Neighbours {
  const found = all.get(router) ?? new Neighbours();
  all.set(router, found);
  return found;
}
