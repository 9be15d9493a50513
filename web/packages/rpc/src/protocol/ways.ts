/** Which frames between the same two peers may pass which: their order is kept as far as it can matter. */
import type { Frame, Header } from "./frame";

/** What frames have their order for: calls among themselves, and nothing of answers to different calls. */
type Order = "call" | "answer" | "cancel" | "release" | "gone";

function orderOf({ type }: Header): Order {
  return type === "result" || type === "error" ? "answer" : type;
}

/** An answer passes answers, and a cancel all but its call, which would be taken back if it waited. */
function mayPass(order: Order, other: Order): boolean {
  return order === "cancel" || (order === "answer" && other === "answer");
}

/** What is large, or waits behind it, between the same two peers. */
export class Way {
  /** Large frames that are being cut, by number. */
  private readonly large = new Map<number, Order>();
  private behind: Frame[] = [];
  /** Orders of all of them. */
  private orders = new Set<Order>();

  get isEmpty(): boolean {
    return this.large.size === 0;
  }

  get waiting(): readonly Frame[] {
    return this.behind;
  }

  /** Whether a frame must wait for one of these. */
  holds(frame: Frame): boolean {
    const order = orderOf(frame.header);
    for (const one of this.orders) if (!mayPass(order, one)) return true;
    return false;
  }

  wait(frame: Frame): void {
    this.behind.push(frame);
    this.orders.add(orderOf(frame.header));
  }

  begin(number: number, frame: Frame): void {
    const order = orderOf(frame.header);
    this.large.set(number, order);
    this.orders.add(order);
  }

  /** Takes the first frame out that waits and matches. */
  take(matches: (frame: Frame) => boolean): Frame | undefined {
    const index = this.behind.findIndex(matches);
    return index < 0 ? undefined : this.behind.splice(index, 1)[0];
  }

  /** A large frame has gone; gives what waited and may come next, in order. */
  freed(number: number, cuts: (frame: Frame) => boolean): Frame[] {
    this.large.delete(number);
    const { behind } = this;
    this.behind = [];
    this.orders = new Set(this.large.values());
    const free: Frame[] = [];
    for (const frame of behind) {
      const held = this.holds(frame);
      (held ? this.behind : free).push(frame);
      if (held || cuts(frame)) this.orders.add(orderOf(frame.header));
    }
    return free;
  }
}
