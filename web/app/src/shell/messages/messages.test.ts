import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CAPABILITIES } from "../../model";
import { de } from "./de";
import { t, useLanguage } from "./index";

const SHELL = join(import.meta.dirname, "..");

/** Every text that the shell asks for: in `t("…")`, and in tables that say so by the name of their field. */
function texts(): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync(SHELL, { recursive: true, encoding: "utf8" })) {
    if (!/\.(svelte|ts)$/.test(name) || /\.test\.ts$|^messages/.test(name)) continue;
    const source = readFileSync(join(SHELL, name), "utf8");
    for (const [, text] of source.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)) {
      found.add(JSON.parse(`"${text}"`) as string);
    }
  }
  for (const [, text] of readFileSync(join(SHELL, "views", "index.ts"), "utf8").matchAll(
    /title: "([^"]+)"/g,
  )) {
    found.add(text as string);
  }
  for (const { title, choices } of Object.values(CAPABILITIES)) {
    for (const text of [title, ...Object.values(choices)]) found.add(text);
  }
  return found;
}

describe("messages", () => {
  it("are all there in German, with the same values in them", () => {
    const wanted = texts();
    expect(wanted.size).toBeGreaterThan(80);
    expect([...wanted].filter((text) => !(text in de))).toEqual([]);
    const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [text, german] of Object.entries(de)) expect(names(german)).toEqual(names(text));
  });

  it("change with the language, and fall back to English", async () => {
    expect(t("Install {name}", { name: "Blur" })).toBe("Install Blur");
    await useLanguage("de");
    expect(t("Install {name}", { name: "Blur" })).toBe("Blur installieren");
    expect(t("no such text")).toBe("no such text");
    await useLanguage("en");
    expect(t("Install {name}", { name: "Blur" })).toBe("Install Blur");
  });
});
