import { describe, expect, it, vi } from "vitest";

vi.stubGlobal("document", { currentScript: { src: "https://x.org/lab/lib/imjoy-embed.js" } });
const { addressOf } = await import("./embed");

describe("the address of an embedded workbench", () => {
  it("is that of the script, with what is to be opened and the wish to take part", () => {
    expect(addressOf({})).toBe("https://x.org/lab/#/app?expose=1");
    const parameters = { plugin: ["A & B", "C"], standalone: 1 };
    expect(addressOf({ page: "lite", parameters })).toBe(
      "https://x.org/lab/lite.html#/lite?plugin=A+%26+B&plugin=C&standalone=1&expose=1",
    );
    expect(addressOf({ base: "http://127.0.0.1:8080/" })).toBe(
      "http://127.0.0.1:8080/#/app?expose=1",
    );
  });
});
