import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCard } from "../../plugins/card";
import { PLUGIN_TYPES } from "../../plugins/manifest";
import { parsePlugin } from "../../plugins/parser";
import { useLanguage } from "./index";
import { inWords } from "./sentences";

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

  it("stay as they are where they are not known", () => {
    expect(inWords("Quite another sentence.")).toBe("Quite another sentence.");
  });
});
