import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CAPABILITIES } from "../../model";
import { TEMPLATES } from "../../plugins/templates";
import { KEY_HELP } from "../../viewer";
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

/** What stands in the markup as it is, and is not the name of something. */
const NAMES = /^(example|org|ImJoy|GPU|conda|Python|python -m imjoy token|OK)$/;

/** Texts and labels in the markup of a component that do not go through `t`. */
function untranslated(source: string): string[] {
  let markup = source.replace(/<(script|style)[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g, "");
  const templates = [...markup.matchAll(/\b(?:aria-label|title|placeholder|alt)=\{`([^`]*)`\}/g)];
  const found = templates.map(([, text]) => (text as string).replace(/\$\{[^}]*\}/g, " "));
  for (let before = ""; before !== markup; ) {
    before = markup;
    markup = markup.replace(/\{[^{}]*\}/g, (code) => {
      if (!/\bt\(/.test(code)) {
        for (const [, text] of code.matchAll(/[?:] "([A-Z][^"]*)"/g)) found.push(text as string);
      }
      return " ";
    });
  }
  for (const [, text] of markup.matchAll(/>([^<>]*)</g)) found.push(text as string);
  for (const [, text] of markup.matchAll(/\b(?:aria-label|title|placeholder|alt)="([^"]*)"/g)) {
    found.push(text as string);
  }
  // An address as an example is the same in every language.
  const words = found
    .filter((text) => !/^\S*\/\S*$/.test(text.trim()))
    .flatMap((text) => text.split(/&nbsp;|[^\p{L}\p{N} -]+/u))
    .map((t) => t.trim());
  return words.filter((text) => /[A-Za-z]{3}/.test(text) && !NAMES.test(text));
}

describe("messages", () => {
  it("are all that a component shows", () => {
    const plain =
      '<p title="Close">{n} open</p><b aria-label={`Run it`}>{t("x")}{a ? "No" : ""}</b>';
    expect(untranslated(plain)).toEqual(["Run it", "open", "Close"]);
    const found: Record<string, string[]> = {};
    for (const name of readdirSync(SHELL, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".svelte")) continue;
      const texts = untranslated(readFileSync(join(SHELL, name), "utf8"));
      if (texts.length > 0) found[name] = texts;
    }
    expect(found).toEqual({});
  });

  it("are all there in German, with the same values in them", () => {
    const wanted = texts();
    expect(wanted.size).toBeGreaterThan(80);
    expect([...wanted].filter((text) => !(text in de))).toEqual([]);
    const shown = [
      ...TEMPLATES.map(({ description }) => description),
      ...KEY_HELP.map(([, does]) => does),
    ];
    expect(shown.filter((text) => !(text in de))).toEqual([]);
    const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [text, german] of Object.entries(de)) expect(names(german)).toEqual(names(text));
  });

  it("name a button by what stands on it, also in German, for those who say what they see", () => {
    const pairs = Object.entries(de).filter(([text]) => `${text} {name}` in de);
    expect(pairs.length).toBeGreaterThan(12);
    const named = (text: string) => (de[`${text} {name}`] as string).toLowerCase();
    expect(
      pairs.filter(([text, german]) => !named(text).includes(german.toLowerCase())).map(String),
    ).toEqual([]);
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
