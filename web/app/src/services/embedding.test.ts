import { connectPort, newId, Peer, Router } from "@imjoy/rpc";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineConnection } from "../engines/connection";
import type { PluginHost } from "../host/host";
import { Catalog } from "../plugins/catalog";
import { Embedding } from "./embedding";

const ORIGIN = "https://lab.example";
const ENGINE = newId();

function workbench(agree: boolean, kept: Map<string, string>) {
  const router = new Router(newId());
  const peer = new Peer({ address: router.address, send: (f, t) => router.send(f, t) });
  router.local = peer;
  const speakers = new Map<string, string>();
  const host = {
    introduce: (address: string, id: string) => void speakers.set(address, id),
    dismiss: (address: string) => void speakers.delete(address),
  } as unknown as PluginHost;
  peer.export(
    "api.echo",
    ((call: { from: string }, value: unknown) => [speakers.get(call.from), value]) as (
      ...args: never[]
    ) => unknown,
    { withCaller: true },
  );
  const catalog = new Catalog({
    all: async () => [],
    put: async () => undefined,
    delete: async () => undefined,
  });
  const asked: string[] = [];
  const embedding = new Embedding(
    {
      peer,
      router,
      engine: { address: ENGINE } as EngineConnection,
      catalog,
      host,
      permissions: { allows: () => true },
      services: () => ["echo"],
      confirm: async ({ title }) => {
        asked.push(title);
        return agree;
      },
    },
    {} as Window,
    {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
    },
  );
  return { embedding, asked, catalog };
}

/** What the page around does with the answer. */
async function enter(embedding: Embedding, origin: string) {
  const { port1, port2 } = new MessageChannel();
  const first = new Promise<Record<string, string>>((resolve) => {
    port1.addEventListener("message", ({ data }) => resolve(data), { once: true });
  });
  port1.start();
  await embedding.answer(origin, port2);
  const { imjoy, address = "", host = "" } = await first;
  if (imjoy !== "welcome") {
    port1.close();
    return { imjoy };
  }
  const link = connectPort(port1, {
    onFrame: (frame) => peer.receive(frame),
    onError: () => undefined,
  });
  const peer = new Peer({ address, send: link.send });
  return { imjoy, peer, host, end: () => link.close() };
}

let engineNames = "";
beforeEach(() => {
  vi.stubGlobal("document", { querySelector: () => ({ content: engineNames }) });
});
afterEach(() => {
  engineNames = "";
  vi.unstubAllGlobals();
});

describe("a page around the workbench", () => {
  it("takes part as a plugin once the user agrees, who is asked once", async () => {
    const kept = new Map<string, string>();
    const { embedding, asked, catalog } = workbench(true, kept);
    const { peer, host, end } = await enter(embedding, ORIGIN);
    const answer = await peer?.call(host as string, "api.echo", [7]);
    const [id, value] = (answer ?? []) as [string?, number?];
    expect(value).toBe(7);
    expect(catalog.get(id ?? "")?.source.origin).toBe(`${ORIGIN}/`);
    await expect(peer?.call(ENGINE, "engine.start", [])).rejects.toThrow("may not call the engine");
    end?.();
    const again = await enter(embedding, ORIGIN);
    again.end?.();
    expect(asked).toEqual([`Let ${ORIGIN} use this workbench?`]);
  });

  it("is refused when the user declines, and asked about again", async () => {
    const { embedding, asked } = workbench(false, new Map());
    for (let i = 0; i < 2; i += 1) expect((await enter(embedding, ORIGIN)).imjoy).toBe("refused");
    expect(asked).toHaveLength(2);
    expect((await enter(embedding, "null")).imjoy).toBe("refused");
    expect(asked).toHaveLength(2);
  });

  it("needs no question when the engine names it", async () => {
    engineNames = `https://other.example ${ORIGIN}`;
    const { embedding, asked } = workbench(false, new Map());
    const { imjoy, end } = await enter(embedding, ORIGIN);
    end?.();
    expect([imjoy, asked]).toEqual(["welcome", []]);
    expect((await enter(embedding, "https://lab.example.evil")).imjoy).toBe("refused");
  });
});
