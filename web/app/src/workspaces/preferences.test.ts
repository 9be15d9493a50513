import { describe, expect, it } from "vitest";
import { DEFAULT_PREFERENCES, PreferenceStore } from "./preferences";

function storage(text: string | null = null) {
  const kept = { text };
  return {
    kept,
    getItem: () => kept.text,
    setItem: (_: string, value: string) => {
      kept.text = value;
    },
  };
}

describe("preferences", () => {
  it("are kept for the next visit", () => {
    const place = storage();
    new PreferenceStore(place).change({ theme: "dark", shortcuts: { "files.open": ["F2"] } });
    const again = new PreferenceStore(place).get();
    expect(again.theme).toBe("dark");
    expect(again.shortcuts).toEqual({ "files.open": ["F2"] });
  });

  it("take nothing of the wrong type, and survive a text that cannot be read", () => {
    const odd = JSON.stringify({ textSize: "big", view: "jobs", stranger: 1 });
    expect(new PreferenceStore(storage(odd)).get()).toEqual({
      ...DEFAULT_PREFERENCES,
      view: "jobs",
    });
    expect(new PreferenceStore(storage("{")).get()).toEqual(DEFAULT_PREFERENCES);
    expect(new PreferenceStore(null).get()).toEqual(DEFAULT_PREFERENCES);
  });
});
