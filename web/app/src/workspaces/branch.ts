/** Somebody else has saved a workspace: both states are kept, this page's as a copy under a name of its own. */
import type { WorkspaceContent, WorkspaceRecord } from "../model";
import { newRecord } from "./records";
import { folderOf, type WorkspaceList } from "./workspace-list";
import type { WorkspaceStore } from "./workspace-store";

/** @returns the record of the copy, which is not written yet, and what to tell of it */
export async function branchOf(
  base: WorkspaceRecord,
  content: WorkspaceContent,
  { store, known, now }: { store: WorkspaceStore; known: WorkspaceList; now(): number },
): Promise<{ record: WorkspaceRecord; text: string }> {
  const { id, name, place, picture } = base;
  const theirs = await store.read(id);
  await known.refresh();
  const named = { name: known.freeName(`${name} (copy)`), place };
  // What runs for it goes on, so it keeps the folder.
  const record = newRecord(named, content, now(), { picture, folder: folderOf(base) });
  const goesOn = `Your work here goes on as "${record.name}"`;
  const text =
    theirs && theirs.deletedAt === null
      ? `"${name}" was changed in another window. ${goesOn}; nothing was overwritten.`
      : `"${name}" was deleted in another window. ${goesOn}.`;
  return { record, text };
}
