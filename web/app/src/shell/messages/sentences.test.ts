import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLUGIN_TYPES } from "../../model";
import { makeCard } from "../../plugins/card";
import { parsePlugin } from "../../plugins/parser";
import { words } from "./de";
import { useLanguage } from "./index";
import { allInWords, inWords } from "./sentences";

function sentencesOf(config: object): string[] {
  const file = `<config>${JSON.stringify({ name: "A", ...config })}</config><script>1</script>`;
  const { runsIn, needs, mayTouch, problems } = makeCard(parsePlugin(file), { engine: false });
  return [runsIn, ...needs, ...mayTouch, ...problems];
}

describe("sentences of the card of a plugin", () => {
  beforeAll(() => useLanguage("de"));
  afterAll(() => useLanguage("en"));

  it("are all said in German", () => {
    const said = [
      ...PLUGIN_TYPES.flatMap((type) => sentencesOf({ type })),
      ...sentencesOf({ type: "native-python", requirements: ["numpy"], env: "conda create" }),
      ...sentencesOf({
        type: "window",
        requirements: ["http://a.org/b.js", "https://a.org/b.css", "numpy"],
        dependencies: ["a/b:C"],
        permissions: ["camera"],
        network: ["a.org"],
      }),
      ...sentencesOf({ type: "window", network: "none" }),
    ];
    expect(said.length).toBeGreaterThan(20);
    expect(said.filter((sentence) => inWords(sentence) === sentence)).toEqual([]);
    expect(inWords("The library https://a.org/b.js.")).toBe("Die Bibliothek https://a.org/b.js.");
  });

  it("say of an image what it is", () => {
    expect(allInWords(["5 x 4 pixels", "3 channels", "uint16"])).toBe(
      "5 x 4 Pixel, 3 Kanäle, uint16",
    );
    expect(inWords("result of Blur")).toBe("Ergebnis von Blur");
  });

  it("stay as they are where they are not known", () => {
    expect(inWords("Quite another sentence.")).toBe("Quite another sentence.");
  });
});

const ROOMS = join(import.meta.dirname, "..", "..");

/** How the rooms below the shell name work, ask, tell and advise; what changes stands as a word. */
function saidInRooms(): string[] {
  const found = new Set<string>();
  for (const name of readdirSync(ROOMS, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || /\.test\.ts$|^(shell|model|check)|testing/.test(name)) continue;
    const source = readFileSync(join(ROOMS, name), "utf8");
    for (const pattern of SAID) {
      for (const [, , text] of source.matchAll(pattern)) found.add(sample(text as string));
    }
  }
  return [...found];
}

const TEXT = '(["`])((?:(?!\\1).)+)\\1';
const SAID = [
  `\\bjobs\\.start\\([\\w.]*(?:"")?, ${TEXT}`,
  `\\bnotify\\("(?:info|success)", ${TEXT}`,
  `\\btitle: ${TEXT}`,
  `\\blabel: ${TEXT},\\n\\s*(?:bytes|undo)`,
  `\\bupdate\\(\\{ step: ${TEXT}`,
  `\\bthis\\.work\\(${TEXT}`,
  `^ {2}"[a-z]+\\.[a-z_]+": ${TEXT},$`,
].map((text) => new RegExp(text, "gm"));

function sample(template: string): string {
  return template.replace(/\$\{what\}/, "read").replace(/\$\{[^}]*\}/g, "Something");
}

describe("what the rooms below the shell say", () => {
  beforeAll(() => useLanguage("de"));
  afterAll(() => useLanguage("en"));

  it("is said in German", () => {
    const said = saidInRooms().filter((text) => /[a-z]{3}/.test(text.replaceAll("Something", "")));
    expect(said.length).toBeGreaterThan(45);
    expect(said.filter((text) => inWords(text) === text)).toEqual([]);
  });

  it("is taken as the sentence that fits best, with its parts in German too", () => {
    expect(inWords("Opening a.png again")).toBe("Erneutes Öffnen von a.png");
    expect(inWords("Starting Blur: Fetching Python for the browser")).toBe(
      "Starten von Blur: Python für den Browser wird geholt",
    );
    expect(inWords("Let Blur use this: Network?")).toBe("Darf Blur das benutzen: Netz?");
  });

  it("has the places of mistakes in it", () => {
    const said = "Line 5, column 3: The JavaScript has a mistake: Unexpected token ')'.";
    expect(inWords(said)).toBe(
      "Zeile 5, Spalte 3: Im JavaScript ist ein Fehler: Unexpected token ')'.",
    );
    expect(inWords(`${said} Correct the line.`)).toContain("Berichtigen Sie die Zeile.");
  });

  it("speaks to people in one form", () => {
    const familiar =
      /\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*|[Ll]ass|[Nn]imm|[Gg]ib|[Ss]ieh|[Ww]ähle|[Öö]ffne|[Zz]iehe|[Dd]rücke|[Ss]chreibe)\b/;
    const all = [...Object.values(words.messages), ...Object.values(words.sentences)];
    expect(all.filter((text) => familiar.test(text))).toEqual([]);
  });
});
