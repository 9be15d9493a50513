import { Peer } from "@imjoy/rpc";
import { expect, it } from "vitest";
import { registerBrowserClasses } from "./browser-classes";

function pair(): [Peer, Peer, Peer] {
  const address = (letter: string): string => letter.repeat(32);
  const peers = new Map<string, Peer>();
  const make = (letter: string): Peer => {
    const peer: Peer = new Peer({
      address: address(letter),
      send: (frame) => queueMicrotask(() => peers.get(frame.header.to as string)?.receive(frame)),
    });
    peers.set(peer.address, peer);
    return peer;
  };
  const [one, page, two] = [make("a"), make("b"), make("c")];
  registerBrowserClasses(one);
  registerBrowserClasses(two);
  return [one, page, two];
}

it("come out at another plugin as what they were, also through the page", async () => {
  const [one, page, two] = pair();
  const seen: unknown[] = [];
  two.export("same", ((value: unknown) => value) as (...args: never[]) => unknown);
  page.export("pass", (async (value: unknown) => {
    seen.push(value);
    return page.call(two.address, "same", [value]);
  }) as (...args: never[]) => unknown);
  const view = new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2);
  const bytes = new Uint8ClampedArray([7, 8, 9]).subarray(1);
  const pattern = /a(b+)\//gi;
  const back = (await one.call(page.address, "pass", [{ view, bytes, pattern }])) as {
    view: DataView;
    bytes: Uint8ClampedArray;
    pattern: RegExp;
  };
  expect(back.view).toBeInstanceOf(DataView);
  expect([back.view.byteLength, back.view.getUint8(1)]).toEqual([2, 3]);
  expect(back.bytes).toEqual(new Uint8ClampedArray([8, 9]));
  expect(back.pattern).toEqual(pattern);
  expect(seen[0]).toEqual({
    view: new Uint8Array([2, 3]).buffer,
    bytes: new Uint8Array([8, 9]),
    pattern: { source: "a(b+)\\/", flags: "gi" },
  });
});

it("are not made of what is none", () => {
  const peer = new Peer({ address: "a".repeat(32), send: () => undefined });
  registerBrowserClasses(peer);
  for (const name of ["imjoy.data-view", "imjoy.clamped", "imjoy.regexp"]) {
    expect(peer.codecs.named(name)?.decoder?.("text" as never)).toBe("text");
  }
  const bad = { source: "(", flags: "g" };
  expect(peer.codecs.named("imjoy.regexp")?.decoder?.(bad as never)).toBe(bad);
});
