/** A network in memory for tests: frames are cloned as postMessage does it, and arrive later. */
import { newId } from "./ids";
import { Peer } from "./peer";
import type { Frame, SendFrame } from "./protocol/frame";
import { Router } from "./router";

/** Sends clones of frames to `receive`, in order, each in its own microtask. */
export function cloningLink(receive: (frame: Frame) => void): SendFrame {
  return (frame, transfer = []) => {
    const clone = structuredClone(frame, { transfer });
    queueMicrotask(() => receive(clone));
  };
}

/** A page with its router, and as many peers below it as asked for. */
export class MemoryPage {
  readonly router = new Router(newId());
  readonly peer = new Peer({
    address: this.router.address,
    send: (frame, transfer) => this.router.send(frame, transfer),
  });
  /** Headers of all frames that children have sent. */
  readonly sent: Frame["header"][] = [];

  constructor() {
    this.router.local = this.peer;
  }

  child(): Peer {
    const address = `${this.router.address}/${newId()}`;
    const up = cloningLink((frame) => {
      this.sent.push(frame.header);
      this.router.route(frame, address);
    });
    const peer = new Peer({ address, send: up });
    this.router.attach(
      address,
      cloningLink((frame) => peer.receive(frame)),
    );
    return peer;
  }
}

/** Joins two pages as a page and an engine are joined. */
export function joinPages(a: MemoryPage, b: MemoryPage): void {
  const toB = cloningLink((frame) => b.router.route(frame, a.router.address));
  const toA = cloningLink((frame) => a.router.route(frame, b.router.address));
  a.router.attach(b.router.address, toB, { tree: true });
  b.router.attach(a.router.address, toA, { tree: true });
}

/** Lets everything that is under way in memory arrive. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
