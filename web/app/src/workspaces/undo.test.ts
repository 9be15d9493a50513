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
});
