/** Keeps a workspace at the moment the page goes away, when the database has no time to answer. */
import type { WorkspaceContent } from "../model";

type Storage_ = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class LastMoment {
  constructor(private readonly storage: Storage_ | null = browserStorage()) {}

  /** @param revision of the record that the content is a change of */
  keep(workspace: string, revision: number, content: WorkspaceContent): void {
    try {
      this.storage?.setItem(keyOf(workspace), JSON.stringify({ revision, content }));
    } catch {
      // More than fits: the workspace has what was there until a second ago.
    }
  }

  /** What was kept of a workspace, once; null when there is nothing, or something newer was saved. */
  take(workspace: string, revision: number): WorkspaceContent | null {
    try {
      const kept = JSON.parse(this.storage?.getItem(keyOf(workspace)) ?? "null");
      this.forget(workspace);
      return kept?.revision === revision && kept.content?.version === 1 ? kept.content : null;
    } catch {
      return null;
    }
  }

  /** Everything is saved. */
  forget(workspace: string): void {
    this.storage?.removeItem(keyOf(workspace));
  }
}

function keyOf(workspace: string): string {
  return `imjoy.left.${workspace}`;
}

function browserStorage(): Storage_ | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
