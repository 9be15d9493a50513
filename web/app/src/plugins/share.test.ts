import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { carriesFile, fileFrom, linkFor, withoutFile } from "./share";

const BASE = new URL("https://example.org/lab/");

function linkWith(json: string | Buffer): string {
  return `${BASE.href}#/app?shared=${deflateRawSync(json).toString("base64url")}`;
}

describe("a plugin as a link", () => {
  it("comes back as it was", async () => {
    const shared = {
      file: "größe.imjoy.html",
      text: '<config>{"name": "µ 😀"}</config>\n'.repeat(50),
    };
    const link = await linkFor(shared, BASE);
    expect(link).toMatch(/^https:\/\/example\.org\/lab\/#\/app\?shared=[\w-]+$/);
    expect(link.length).toBeLessThan(300);
    expect(carriesFile(link)).toBe(true);
    expect(await fileFrom(link)).toEqual(shared);
    expect(withoutFile(link)).toBe(BASE.href);
    expect(withoutFile(`${link}&w=mine`)).toBe(`${BASE.href}#/app?w=mine`);
  });

  it("is refused when it is too long", async () => {
    const text = randomBytes(40_000).toString("base64");
    await expect(linkFor({ file: "a.imjoy.html", text }, BASE)).rejects.toThrow(
      "Save it to a file",
    );
  });

  it("says when it is damaged", async () => {
    const link = await linkFor({ file: "a.imjoy.html", text: "x".repeat(1000) }, BASE);
    for (const bad of [
      link.slice(0, -4),
      linkWith("[]"),
      linkWith("no json"),
      linkWith('{"file":1}'),
    ]) {
      await expect(fileFrom(bad)).rejects.toThrow("cut or was changed");
    }
    expect(carriesFile(`${BASE.href}#/app?w=code`)).toBe(false);
    expect(carriesFile(`${BASE.href}?shared=abc`)).toBe(false);
  });

  it("cannot fill the memory, or name a path", async () => {
    await expect(fileFrom(linkWith(Buffer.alloc(40_000_000)))).rejects.toThrow(
      "cut or was changed",
    );
    const path = linkWith(JSON.stringify({ file: "../../a.exe", text: "" }));
    expect((await fileFrom(path)).file).toBe("shared.imjoy.html");
    const up = linkWith(JSON.stringify({ file: "/etc/b.py", text: "" }));
    expect((await fileFrom(up)).file).toBe("etcb.py");
  });
});
