import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { paced, Store } from "./store";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("shows a change at once, and of many that follow only the last", () => {
  const store = new Store(0);
  const seen: number[] = [];
  const stop = paced(store, 100).subscribe((value) => seen.push(value));
  for (let value = 1; value <= 50; value += 1) store.set(value);
  expect(seen).toEqual([0]);
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([0, 50]);
  vi.advanceTimersByTime(1000);
  store.set(51);
  expect(seen).toEqual([0, 50, 51]);
  store.set(52);
  stop();
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual([0, 50, 51]);
});
