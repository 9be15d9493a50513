/** The scripted conversations of protocol/vectors/sessions, played without a socket. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { RpcError } from "../errors";
import type { Frame } from "./frame";
import { type AnyFrame, type AnyHeader, sizeOf } from "./pieces";
import { reconnectDelay, Session } from "./session";

const FOLDER = fileURLToPath(new URL("../../../../../protocol/vectors/sessions/", import.meta.url));
const IDS = new Set(["id", "to", "from", "peer"]);

interface Step extends Record<string, unknown> {
  do: string;
  header?: AnyHeader;
  body?: string;
  buffers?: number[];
  then?: Record<string, unknown>;
}

interface Case {
  name: string;
  piece?: number;
  steps: Step[];
}

function renamed(header: AnyHeader, rename: (id: string) => string): AnyHeader {
  return Object.fromEntries(
    Object.entries(header).map(([key, value]) => {
      if (key === "frame") return [key, renamed(value as AnyHeader, rename)];
      return [key, IDS.has(key) ? rename(value as string) : value];
    }),
  );
}

const expanded = (header: AnyHeader) =>
  renamed(header, (id) => (id.length === 1 ? id.repeat(32) : id));
const shortened = (header: AnyHeader) =>
  renamed(header, (id) => (id === id[0]?.repeat(32) ? (id[0] as string) : id));

function frameOf(step: Step): AnyFrame {
  const buffers = (step.buffers ?? []).map((size) => new ArrayBuffer(size));
  return { header: expanded(step.header ?? {}), body: step.body ?? "", buffers };
}

function described(frame: AnyFrame): unknown {
  const buffers = frame.buffers.map((part) => sizeOf({ header: {}, body: "", buffers: [part] }));
  return { header: shortened(frame.header), ...(buffers.length > 0 ? { buffers } : {}) };
}

class Script {
  now = 100;
  wrote: AnyFrame[] = [];
  delivered: AnyFrame[] = [];
  readonly session: Session;

  constructor(piece: number | undefined) {
    this.session = new Session({
      write: (frame) => this.wrote.push(frame),
      deliver: (frame) => this.delivered.push(frame as unknown as AnyFrame),
      now: this.now,
      piece,
    });
  }

  play(step: Step): Record<string, unknown> {
    this.wrote = [];
    this.delivered = [];
    this.now += (step.after as number | undefined) ?? 0;
    let outcome: Record<string, unknown> = {};
    try {
      for (let times = (step.times as number) ?? 1; times > 0; times -= 1) outcome = this.do(step);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      outcome.error = error.code;
    }
    if (this.wrote.length > 1000) outcome.writes_count = this.wrote.length;
    else if (this.wrote.length > 0) outcome.writes = this.wrote.map(described);
    if (this.delivered.length > 0) outcome.delivers = this.delivered.map(described);
    return outcome;
  }

  private do(step: Step): Record<string, unknown> {
    const { session, now } = this;
    switch (step.do) {
      case "open":
        session.opened(step.received, now);
        break;
      case "close":
        session.closed();
        break;
      case "heard":
        session.heard(now);
        break;
      case "send":
        session.send(frameOf(step) as unknown as Frame, now);
        break;
      case "receive": {
        const frame = frameOf(step);
        if (frame.header.seq === "next") frame.header.seq = session.received + 1;
        session.receive(frame, now);
        break;
      }
      case "reset":
        return { lost: session.reset().map(({ header }) => shortened(header)) };
      case "tick":
        return session.tick(now, (step.wall as number) ?? now) ? { dead: true } : {};
      default:
        throw new Error(`unknown step ${step.do}`);
    }
    return {};
  }
}

for (const file of readdirSync(FOLDER)) {
  describe(file, () => {
    for (const { name, piece, steps } of JSON.parse(
      readFileSync(FOLDER + file, "utf8"),
    ) as Case[]) {
      it(name, () => {
        const script = new Script(piece);
        for (const step of steps) {
          expect(script.play(step), JSON.stringify(step)).toEqual(step.then ?? {});
        }
      });
    }
  });
}

describe("reconnectDelay", () => {
  it("doubles from a quarter of a second to ten, less by up to a half", () => {
    expect([0, 1, 2, 5, 6, 99].map((attempt) => reconnectDelay(attempt, 0))).toEqual([
      0.25, 0.5, 1, 8, 10, 10,
    ]);
    expect(reconnectDelay(99, 1)).toBe(5);
  });
});
