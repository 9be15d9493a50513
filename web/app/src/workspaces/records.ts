/** Makes the records of new workspaces. */
import { newId } from "@imjoy/rpc";
import type { WorkspaceContent, WorkspacePlace, WorkspaceRecord } from "../model";

export const EMPTY: WorkspaceContent = {
  version: 1,
  windows: [],
  layout: null,
  active: null,
  items: [],
  forms: {},
  plugins: [],
};

/** @param from what it has of another one: its picture, and the folder when it goes on in its place */
export function newRecord(
  named: { name: string; place: WorkspacePlace },
  content: WorkspaceContent,
  time: number,
  from: Pick<WorkspaceRecord, "picture"> & { folder?: string } = { picture: null },
): WorkspaceRecord {
  const { picture, folder } = from;
  return {
    ...named,
    ...(folder !== undefined && { folder }),
    id: newId(),
    createdAt: time,
    changedAt: time,
    revision: 1,
    picture,
    deletedAt: null,
    content,
  };
}
