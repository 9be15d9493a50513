import { type Frame, newId, Router } from "@imjoy/rpc";
import { describe, expect, it, vi } from "vitest";
import { Neighbours, neighboursOf } from "./neighbours";

function frame(to: string, size: number): Frame {
  const header = { type: "result", id: newId(), to, from: newId() } as const;
  return { header, body: "1", buffers: [new ArrayBuffer(size)] };
}

function pair() {
  const neighbours = new Neighbours();
  const [a, b] = [newId(), newId()];
  const link = () => ({ send: vi.fn(), close: vi.fn(), introduce: vi.fn() });
  const links = { a: link(), b: link() };
  neighbours.add(a, links.a);
  neighbours.add(b, links.b);
  return { neighbours, a, b, links };
}

describe("Neighbours", () => {
  it("are introduced once, when something large passes between them", () => {
    const { neighbours, a, b, links } = pair();
    neighbours.note(frame(b, 100), a);
    neighbours.note(frame(newId(), 1 << 20), a);
    neighbours.note(frame(a, 1 << 20), a);
    expect(links.a.introduce).not.toHaveBeenCalled();
    neighbours.note(frame(b, 1 << 20), a);
    neighbours.note(frame(a, 1 << 20), b);
    expect(links.a.introduce.mock.calls.map(([address]) => address)).toEqual([b]);
    expect(links.b.introduce.mock.calls.map(([address]) => address)).toEqual([a]);
  });

  it("are introduced anew when one was away, and not when it has gone", () => {
    const { neighbours, a, b, links } = pair();
    neighbours.note(frame(b, 1 << 20), a);
    neighbours.remove(b);
    neighbours.note(frame(b, 1 << 20), a);
    expect(links.a.introduce).toHaveBeenCalledOnce();
    neighbours.add(b, links.b);
    neighbours.note(frame(b, 1 << 20), a);
    expect(links.a.introduce).toHaveBeenCalledTimes(2);
  });

  it("are those of one page", () => {
    const router = new Router(newId());
    expect(neighboursOf(router)).toBe(neighboursOf(router));
    expect(neighboursOf(new Router(newId()))).not.toBe(neighboursOf(router));
  });
});
