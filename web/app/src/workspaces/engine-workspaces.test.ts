import { describe, expect, it } from "vitest";
import type { WorkspaceRecord } from "../model";
import { EngineWorkspaces } from "./engine-workspaces";
import { WorkspaceConflict } from "./workspace-store";

/** An engine that remembers what it was asked and answers from a table. */
function store(answers: Record<string, unknown>) {
  const asked: [string, readonly unknown[]][] = [];
  const call = async (target: string, args: readonly unknown[]): Promise<unknown> => {
    asked.push([target, args]);
    return answers[target.replace("workspaces.", "")];
  };
  return { asked, store: new EngineWorkspaces({ call }) };
}

const record = { id: "a".repeat(32), name: "Cells", revision: 2 } as WorkspaceRecord;

describe("workspaces on an engine", () => {
  it("travel as JSON, and as bytes", async () => {
    const answers = { read: JSON.stringify(record), write: true, read_blob: new Uint8Array([1]) };
    const { asked, store: kept } = store(answers);
    expect(await kept.read(record.id)).toEqual(record);
    await kept.write(record);
    expect(await kept.blobs.get("b")).toEqual(new Uint8Array([1]));
    expect(asked).toEqual([
      ["workspaces.read", [record.id]],
      ["workspaces.write", [JSON.stringify(record), false]],
      ["workspaces.read_blob", ["b"]],
    ]);
  });

  it("that are not there are null, and one that was changed elsewhere is a conflict", async () => {
    const { store: kept } = store({
      read: null,
      read_blob: null,
      read_revision: null,
      write: false,
      has_blob: null,
    });
    expect(await kept.read("x")).toBeNull();
    expect(await kept.readRevision("x", 1)).toBeNull();
    expect(await kept.blobs.get("x")).toBeNull();
    expect(await kept.blobs.has("x")).toBe(false);
    await expect(kept.write(record)).rejects.toThrow(WorkspaceConflict);
  });
});
