import { describe, expect, it, vi } from "vitest";
import { UndoStack } from "./undo";

const step = (label: string, bytes?: number) => ({
  label,
  undo: () => undefined,
  redo: () => undefined,
  ...(bytes === undefined ? {} : { bytes }),
});

/** How many steps can be taken back. */
async function depth(stack: UndoStack): Promise<number> {
  let count = 0;
  for (; stack.state.get().undo !== null; count += 1) await stack.undo();
  return count;
}

describe("what can be taken back", () => {
  it("is the last hundred steps", async () => {
    const stack = new UndoStack();
    for (let i = 0; i < 150; i += 1) stack.push(step(`${i}`));
    expect(await depth(stack)).toBe(100);
  });

  it("can be one of them, also when others came since, and is done again as the last", async () => {
    const stack = new UndoStack();
    const first = { ...step("Remove A"), undo: vi.fn() };
    stack.push(first);
    stack.push(step("Close B"));
    expect(await stack.takeBack(first)).toBe(true);
    expect(await stack.takeBack(first)).toBe(false);
    expect(first.undo).toHaveBeenCalledOnce();
    expect(stack.state.get()).toEqual({ undo: "Close B", redo: "Remove A" });
  });

  it("keeps closed images up to half a gigabyte, and the last one whatever its size", async () => {
    const stack = new UndoStack();
    for (let i = 0; i < 10; i += 1) stack.push(step(`Close ${i}`, 100_000_000));
    expect(await depth(stack)).toBe(5);
    stack.push(step("Close small", 1));
    stack.push(step("Close huge", 2_000_000_000));
    expect(stack.state.get().undo).toBe("Close huge");
    expect(await depth(stack)).toBe(1);
  });

  it("takes back the last step, and joins steps of the same kind in quick succession", async () => {
    const clock = { now: 0 };
    const undo = new UndoStack(() => clock.now);
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
    const undo = new UndoStack();
    const noisy = (): void => undo.push({ label: "noise", undo: () => {}, redo: () => {} });
    undo.push({ label: "step", undo: noisy, redo: noisy });
    await undo.undo();
    expect(undo.state.get()).toEqual({ undo: null, redo: "step" });
  });
});
