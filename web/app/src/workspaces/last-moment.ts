/** Keeps a workspace at the moment the page goes away, when the database has no time to answer. */
import type { WorkspaceContent } from "../model";

/** What tells a saved state of a workspace from all others. */
interface State {
  id: string;
  revision: number;
  changedAt: number;
}

type Storage_ = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class LastMoment {
  constructor(private readonly storage: Storage_ | null = browserStorage()) {}

  /**
   * @param base the state that the content is a change of
   * @param saving a state before the content that is being saved: nobody will know whether it was
   */
  keep(base: State, content: WorkspaceContent, saving: State | null): void {
    const { revision } = base;
    const under = saving && { revision: saving.revision, changedAt: saving.changedAt };
    try {
      this.storage?.setItem(keyOf(base.id), JSON.stringify({ revision, content, saving: under }));
    } catch {
      // More than fits: the workspace has what was there until a second ago.
    }
  }

  /** What was kept of a workspace, once; null when there is nothing, or something newer was saved. */
  take(saved: State): WorkspaceContent | null {
    const kept = this.read(saved.id);
    this.storage?.removeItem(keyOf(saved.id));
    const fits = kept?.revision === saved.revision || isSame(kept?.saving, saved);
    return fits && kept?.content?.version === 1 ? kept.content : null;
  }

  /** This state is saved; what was kept after it still counts. */
  saved(state: State): void {
    if (!isSame(this.read(state.id)?.saving, state)) this.storage?.removeItem(keyOf(state.id));
  }

  private read(workspace: string): Kept | null {
    try {
      return JSON.parse(this.storage?.getItem(keyOf(workspace)) ?? "null");
    } catch {
      return null;
    }
  }
}

interface Kept {
  revision?: number;
  content?: WorkspaceContent;
  saving?: Omit<State, "id"> | null;
}

function isSame(one: Omit<State, "id"> | null | undefined, other: State): boolean {
  return one?.revision === other.revision && one.changedAt === other.changedAt;
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
