import { describe, expect, it } from "vitest";
import { TypedText } from "./typed-text";

function storage(limit = Number.POSITIVE_INFINITY) {
  const map = new Map<string, string>();
  return {
    map,
    getItem: (key: string) => map.get(key) ?? null,
    removeItem: (key: string) => void map.delete(key),
    setItem: (key: string, value: string) => {
      if (value.length > limit) throw new Error("full");
      map.set(key, value);
    },
  };
}

const content = { kind: "editor" as const, file: "a.py", text: "x", plugin: null, saved: null };

describe("what was typed when the page was left", () => {
  it("is had once, by its workspace", () => {
    const typed = new TypedText(storage());
    typed.keep("w", [{ id: "1", title: "a.py", content }]);
    expect(typed.take("other")).toEqual([]);
    expect(typed.take("w")).toEqual([{ id: "1", title: "a.py", content }]);
    expect(typed.take("w")).toEqual([]);
  });

  it("is nothing when nothing is open, it is damaged, or there is no room", () => {
    const place = storage(300);
    const typed = new TypedText(place);
    typed.keep("w", [{ id: "1", title: "a.py", content }]);
    typed.keep("w", []);
    expect(typed.take("w")).toEqual([]);
    place.map.set("imjoy.typed.w", '[{"id": "1"}, null, 3]');
    expect(typed.take("w")).toEqual([]);
    place.map.set("imjoy.typed.w", "{");
    expect(typed.take("w")).toEqual([]);
    typed.keep("w", [{ id: "1", title: "a", content: { ...content, text: "x".repeat(400) } }]);
    expect(typed.take("w")).toEqual([]);
    expect(new TypedText(null).take("w")).toEqual([]);
  });
});
