/** More large frames at once than a receiver takes: the sender waits, and who does not loses one frame. */
import { expect, it } from "vitest";
import type { Frame } from "./frame";
import { LIMITS } from "./messages";
import type { AnyFrame } from "./pieces";
import { Session } from "./session";

const MANY = LIMITS.large_frames + 50;

function header(number: number) {
  const id = number.toString(16).padStart(32, "0");
  return { type: "call" as const, id, to: "b".repeat(32), from: "a".repeat(32), target: "f" };
}

/** Two sessions; what they write arrives in its turn. */
class Two {
  readonly wire: [Session, AnyFrame][] = [];
  readonly got: Frame[] = [];
  readonly answers: Frame[] = [];
  readonly near = this.make(() => this.far, this.answers, 4);
  readonly far: Session = this.make(() => this.near, this.got, 4);

  constructor() {
    for (const session of [this.near, this.far]) session.opened(0, 0);
  }

  private make(other: () => Session, delivered: Frame[], piece: number): Session {
    return new Session({
      write: (frame) => this.wire.push([other(), { ...frame, header: { ...frame.header } }]),
      deliver: (frame) => delivered.push(frame),
      now: 0,
      piece,
    });
  }

  run(): void {
    for (let now = 1; this.wire.length > 0 || this.near.waitingBytes > 0; now += 1) {
      for (let next = this.wire.shift(); next; next = this.wire.shift())
        next[0].receive(next[1], now);
      for (const session of [this.near, this.far]) session.tick(now, now);
    }
  }
}

it("lets many large calls arrive, one after the other", () => {
  const two = new Two();
  for (let number = 0; number < MANY; number += 1) {
    // Each to another peer, so that none waits behind another one.
    const to = number.toString(16).padStart(32, "c");
    two.near.send(
      { header: { ...header(number), to }, body: "[]", buffers: [new Uint8Array(9)] },
      0,
    );
  }
  two.run();
  expect(two.got.length).toBe(MANY);
  expect(two.answers).toEqual([]);
});

it("refuses one call of a sender that does not wait, and no other", () => {
  const two = new Two();
  const taken = LIMITS.large_frames;
  for (let number = 0; number <= taken; number += 1) {
    const first = { type: "piece", of: number, seq: number + 1, sizes: [4], frame: header(number) };
    two.far.receive({ header: first, body: "", buffers: [new Uint8Array(4)] }, 0);
  }
  const end = (number: number, seq: number) =>
    two.far.receive(
      { header: { ...header(number), pieces: number, seq }, body: "[]", buffers: [] },
      0,
    );
  end(taken, taken + 2);
  end(0, taken + 3);
  const refused = two.wire.filter(([, frame]) => frame.header.type === "error");
  expect(refused.map(([, { body }]) => JSON.parse(body).code)).toEqual(["protocol.too_large"]);
  expect(two.got.map((frame) => (frame.header as { id: string }).id)).toEqual([header(0).id]);
});
