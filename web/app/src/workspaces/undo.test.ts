import { describe, expect, it, vi } from "vitest";
import { UndoStack } from "./undo";

const step = (label: string, bytes?: number) => ({
  label,
  undo: () => undefined,
  redo: () => undefined,
  ...(bytes === undefined ? {} : { bytes }),
});

const told: (string | null)[] = [];
const failed: string[] = [];
const makeUndo = (now?: () => number) =>
  new UndoStack(
    {
      told: (text) => void told.push(text),
      failed: (error, step) => void failed.push(`${step}: ${error}`),
    },
    now,
  );

/** How many steps can be taken back. */
async function depth(stack: UndoStack): Promise<number> {
  let count = 0;
  for (; stack.state.get().undo !== null; count += 1) await stack.undo();
  return count;
}

describe("what can be taken back", () => {
  it("is the last hundred steps", async () => {
    const stack = makeUndo();
    for (let i = 0; i < 150; i += 1) stack.push(step(`${i}`));
    expect(await depth(stack)).toBe(100);
  });

  it("can be one of them, also when others came since, and is done again as the last", async () => {
    const stack = makeUndo();
    const first = { ...step("Remove A"), undo: vi.fn() };
    stack.push(first);
    stack.push(step("Close B"));
    expect(await stack.takeBack(first)).toBe(true);
    expect(await stack.takeBack(first)).toBe(false);
    expect(first.undo).toHaveBeenCalledOnce();
    expect(stack.state.get()).toEqual({ undo: "Close B", redo: "Remove A" });
  });

  it("keeps closed images up to half a gigabyte, and the last one whatever its size", async () => {
    const stack = makeUndo();
    for (let i = 0; i < 10; i += 1) stack.push(step(`Close ${i}`, 100_000_000));
    expect(await depth(stack)).toBe(5);
    stack.push(step("Close small", 1));
    stack.push(step("Close huge", 2_000_000_000));
    expect(stack.state.get().undo).toBe("Close huge");
    expect(await depth(stack)).toBe(1);
  });

  it("takes back the last step, and joins steps of the same kind in quick succession", async () => {
    const clock = { now: 0 };
    const undo = makeUndo(() => clock.now);
    let value = 0;
    const set = (to: number, key = "size"): void => {
      const before = value;
      value = to;
      undo.push({
        label: `Change to ${to}`,
        key,
        undo: () => {
          value = before;
        },
        redo: () => {
          value = to;
        },
      });
    };
    set(1);
    set(2);
    clock.now = 5000;
    set(3);
    expect(undo.state.get()).toEqual({ undo: "Change to 3", redo: null });
    await undo.undo();
    expect(value).toBe(2);
    await undo.undo();
    expect(value).toBe(0);
    expect(undo.state.get()).toEqual({ undo: null, redo: "Change to 2" });
    await undo.redo();
    expect(value).toBe(2);
    set(9);
    expect(undo.state.get().redo).toBeNull();
  });

  it("notes nothing that happens while a step is taken back", async () => {
    const undo = makeUndo();
    const noisy = (): void => undo.push({ label: "noise", undo: () => {}, redo: () => {} });
    undo.push({ label: "step", undo: noisy, redo: noisy });
    await undo.undo();
    expect(undo.state.get()).toEqual({ undo: null, redo: "step" });
  });

  it("is named when it is taken back and done again, with its values from first to last", async () => {
    told.length = 0;
    const undo = makeUndo(() => 0);
    const label = "Change sigma of Blur";
    undo.push({ ...step(label), key: "sigma", from: "2", to: "2.5" });
    undo.push({ ...step(label), key: "sigma", from: "2.5", to: "3" });
    await undo.undo();
    await undo.redo();
    expect(told).toEqual([
      "Undone: Change sigma of Blur: 2 → 3",
      "Done again: Change sigma of Blur: 2 → 3",
    ]);
    undo.clear();
    expect(told.at(-1)).toBeNull();
  });

  it("is told when it fails, and is not there to be done again", async () => {
    const undo = makeUndo();
    undo.push({ ...step("Remove A"), undo: () => Promise.reject(new Error("No room.")) });
    await undo.undo();
    expect(failed).toEqual(["Undo: Remove A: Error: No room."]);
    expect(undo.state.get()).toEqual({ undo: null, redo: null });
  });
});
