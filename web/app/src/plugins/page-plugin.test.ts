import { expect, it } from "vitest";
import { isPageAddress, pagePlugin } from "./page-plugin";

it("tells pages from plugin files", () => {
  expect(isPageAddress("https://kaibu.org/#/app")).toBe(true);
  expect(isPageAddress("http://127.0.0.1:1/x.html?a=1")).toBe(true);
  for (const address of [
    "https://example.org/a.imjoy.html?x=1",
    "https://example.org/a.imjoy.html@tag",
    "https://github.com/u/r/blob/main/a",
    "https://gist.github.com/u/1",
    "user/repo:Name",
    "imjoy/image",
  ]) {
    expect(isPageAddress(address), address).toBe(false);
  }
});

it("makes a plugin of a page", () => {
  const { manifest } = pagePlugin("https://kaibu.org/app?x=</config>", { passive: true });
  expect(manifest).toMatchObject({
    name: "kaibu.org app",
    type: "rpc-window",
    base_frame: "https://kaibu.org/app?x=</config>",
    passive: true,
  });
});
