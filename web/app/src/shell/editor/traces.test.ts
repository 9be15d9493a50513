import { describe, expect, it } from "vitest";
import { Entries } from "../../host/entries";
import type { PluginEntry } from "../../model";
import { parsePlugin } from "../../plugins/parser";
import { failureOf, placesOf } from "./traces";

const TEXT = '<config>{"name": "My plugin", "type": "iframe"}</config><script>1</script>';
const FAILURE = { step: "Running", remedy: "", code: "plugin.error" };

function entry(change: Partial<PluginEntry>): PluginEntry {
  const entries = new Entries();
  entries.set({ id: "a", source: parsePlugin(TEXT) });
  return { ...(entries.get("a") as PluginEntry), ...change };
}

describe("where a plugin failed", () => {
  it("is in the traceback of its failure, with the cause as message", () => {
    const detail =
      "TypeError: no\n  at f (My_plugin.imjoy.html:9:3)\n  at run (My_plugin.imjoy.html:4:1)";
    const failure = { ...FAILURE, cause: "TypeError: no", detail };
    expect(failureOf(entry({ failure }), 0)).toEqual({ message: "TypeError: no", lines: [9, 4] });
  });

  it("is in its log, but not in that from before it was saved", () => {
    const text =
      'Traceback (most recent call last):\n  File "My plugin.imjoy.html", line 5, in run\nKeyError: "a"';
    const log = [{ time: 10, level: "error" as const, text }];
    expect(failureOf(entry({ log }), 5)).toEqual({ message: 'KeyError: "a"', lines: [5] });
    expect(failureOf(entry({ log }), 11)).toBeNull();
    expect(placesOf(log[0] as (typeof log)[0], entry({}))).toEqual([{ line: 5, column: null }]);
  });

  it("is nowhere when no line of the file is named", () => {
    const failure = { ...FAILURE, cause: "The network is away." };
    expect(failureOf(entry({ failure }), 0)).toBeNull();
  });
});
