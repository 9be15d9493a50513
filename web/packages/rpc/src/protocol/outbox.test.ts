/** What waits in a session: small frames pass large ones, and order is kept where it matters. */
import { describe, expect, it } from "vitest";
import { newId } from "../ids";
import { readVectors } from "../testing-vectors";
import type { Frame, Header } from "./frame";
import { Outbox } from "./outbox";

type Described = [kind: Header["type"], to: string, size: number];

const PIECE = 1000;

function frameOf([type, to, size]: Described): Frame {
  const header = { type, id: newId(), to: to.repeat(32), from: "a".repeat(32), targets: {} };
  const buffers = size > 0 ? [new Uint8Array(size)] : [];
  return { header: { ...header, target: "f" } as unknown as Header, body: "", buffers };
}

const idOf = (frame: { header: object }) => (frame.header as { id: string }).id;

/** The ids of the next frames that go out whole, `turns` frames and pieces on, or to the end. */
function sent(outbox: Outbox, turns = Number.POSITIVE_INFINITY): string[] {
  const order: string[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const entry = outbox.next(() => true, PIECE);
    if (entry === undefined) break;
    if (entry.frame.header.type !== "piece") order.push(idOf(entry.frame as Frame));
  }
  return order;
}

describe("frames between the same two peers", () => {
  const cases = readVectors<{ name: string; frames: Described[]; order: number[] }>("order.json");

  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const outbox = new Outbox(PIECE);
    const frames = one.frames.map(frameOf);
    for (const frame of frames) outbox.add(frame);
    expect(sent(outbox)).toEqual(one.order.map((at) => idOf(frames[at] as Frame)));
    expect(outbox.length + outbox.bytes).toBe(0);
  });

  it("keep the order of their calls whatever else goes on", () => {
    let state = 7;
    const chance = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % below;
    };
    for (let run = 0; run < 30; run += 1) {
      const outbox = new Outbox(PIECE);
      const frames: Frame[] = [];
      const gone: string[] = [];
      for (let step = 0; step < 200; step += 1) {
        const kind = (["call", "call", "result", "error"] as const)[chance(4)] as Header["type"];
        const size = [0, 0, 0, 500, 3000, 20_000][chance(6)] as number;
        const frame = frameOf([kind, "bc"[chance(2)] as string, size]);
        frames.push(frame);
        outbox.add(frame);
        gone.push(...sent(outbox, chance(4)));
      }
      gone.push(...sent(outbox));
      expect([...gone].sort()).toEqual(frames.map(idOf).sort());
      const place = new Map(gone.map((id, at) => [id, at]));
      const broken = frames.flatMap((early, at) =>
        frames.slice(at + 1).filter((late) => {
          const ordered = [early.header.type, late.header.type].includes("call");
          const [first, second] = [early, late].map((one) => place.get(idOf(one)) as number);
          return ordered && early.header.to === late.header.to && Number(first) > Number(second);
        }),
      );
      expect(broken).toEqual([]);
    }
  });

  it("can be taken back while they wait behind a large one", () => {
    const outbox = new Outbox(PIECE);
    const [large, one, other] = [5000, 0, 0].map((size) => frameOf(["call", "b", size])) as [
      Frame,
      Frame,
      Frame,
    ];
    for (const frame of [large, one, other]) outbox.add(frame);
    expect(outbox.withdraw(idOf(one))?.answer.header.type).toBe("error");
    expect(outbox.withdraw(idOf(large))).toMatchObject({ drop: undefined });
    expect(sent(outbox)).toEqual([idOf(other)]);
    expect(outbox.length + outbox.bytes).toBe(0);
  });
});
