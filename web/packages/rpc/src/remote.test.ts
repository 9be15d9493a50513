import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { newId } from "./ids";
import { ProxyTable, type RemoteFunction } from "./remote";
import { MemoryPage, settle } from "./testing";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function collected(): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    await settle();
    collectGarbage();
  }
  await settle();
}

describe("ProxyTable", () => {
  it("releases a proxy with the number of references that came", async () => {
    const release = vi.fn();
    const table = new ProxyTable(async () => undefined, release);
    for (let i = 0; i < 3; i += 1) table.get("peer", "fn:1", true);
    table.get("peer", "fn:2", true);
    table.get("peer", "named", false);
    await collected();
    expect(release.mock.calls).toEqual([["peer", { "fn:1": 3, "fn:2": 1 }]]);
  });

  it("does not release to a peer that has gone", async () => {
    const release = vi.fn();
    const table = new ProxyTable(async () => undefined, release);
    table.get("peer/below", "fn:1", true);
    table.forget("peer");
    await collected();
    expect(release).not.toHaveBeenCalled();
  });
});

describe("references", () => {
  it("are dropped by the owner when the other side no longer uses them", async () => {
    const page = new MemoryPage();
    const [a, b] = [page.child(), page.child()];
    b.export("use", (f: RemoteFunction) => f());
    const callback = vi.fn();
    let ref: WeakRef<object> | undefined;
    await (async () => {
      const fn = () => callback();
      ref = new WeakRef(fn);
      await a.call(b.address, "use", [fn]);
    })();
    await collected();
    await collected();
    expect(callback).toHaveBeenCalledOnce();
    expect(page.sent.at(-1)?.type).toBe("release");
    expect(ref?.deref()).toBeUndefined();
  });

  it("are kept while the proxy was passed to a third peer", async () => {
    const page = new MemoryPage();
    const [a, b, c] = [page.child(), page.child(), page.child()];
    let held: RemoteFunction | undefined;
    c.export("hold", (f: RemoteFunction) => {
      held = f;
    });
    b.export("pass", (f: RemoteFunction) => b.call(c.address, "hold", [f]));
    await a.call(b.address, "pass", [() => "alive"]);
    await collected();
    await expect(held?.()).resolves.toBe("alive");
  });

  it("in the late answer of a cancelled call are released", async () => {
    const page = new MemoryPage();
    const [a, b] = [page.child(), page.child()];
    let finish: (value: unknown) => void = () => undefined;
    b.export("late", () => new Promise((resolve) => (finish = resolve)));
    const controller = new AbortController();
    const promise = a.call(b.address, "late", [], { signal: controller.signal });
    await settle();
    controller.abort();
    await expect(promise).rejects.toMatchObject({ code: "rpc.cancelled" });
    await settle();
    finish(() => 1);
    await collected();
    expect(page.sent.map((header) => header.type)).toEqual(["call", "cancel", "result", "release"]);
  });

  it("of arguments that could not be sent are not counted", async () => {
    const page = new MemoryPage();
    const a = page.child();
    let ref: WeakRef<object> | undefined;
    await (async () => {
      const fn = () => 1;
      ref = new WeakRef(fn);
      await a.call(newId(), "f", [fn, /not serializable/]).catch(() => undefined);
    })();
    await collected();
    expect(ref?.deref()).toBeUndefined();
  });
});
