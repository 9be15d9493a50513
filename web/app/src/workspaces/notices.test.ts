import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Notices } from "./notices";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const say = (notices: Notices, text: string, owner: string) =>
  notices.notify("info", text, undefined, 5, owner);
const texts = (notices: Notices) => notices.store.get().map(({ text }) => text);

it("shows what a plugin says at once, and of a flood the last few ten times a second", () => {
  const notices = new Notices();
  let shown = 0;
  notices.store.subscribe(() => {
    shown += 1;
  });
  say(notices, "other", "b");
  for (let number = 0; number < 1000; number += 1) say(notices, `${number}`, "a");
  expect(texts(notices)).toEqual(["other", "0"]);
  vi.advanceTimersByTime(100);
  expect(texts(notices)).toEqual(["other", "997", "998", "999"]);
  expect(shown).toBeLessThan(12);
  vi.advanceTimersByTime(1000);
  say(notices, "later", "a");
  expect(texts(notices)).toEqual(["other", "998", "999", "later"]);
});

it("lets no plugin hold up what the workbench says", () => {
  const notices = new Notices();
  say(notices, "a", "a");
  say(notices, "b", "a");
  notices.notify("success", "Saved.");
  expect(texts(notices)).toEqual(["a", "Saved."]);
});
