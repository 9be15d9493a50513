/** Keeps what was typed at the moment the page goes away, when the database has no time to answer. */
import type { EditorContent } from "../model";

/** A window of the editor as it was when the page was left. */
export interface TypedWindow {
  id: string;
  title: string;
  content: EditorContent;
}

type Storage_ = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class TypedText {
  constructor(private readonly storage: Storage_ | null = browserStorage()) {}

  keep(workspace: string, windows: readonly TypedWindow[]): void {
    try {
      if (windows.length > 0) this.storage?.setItem(keyOf(workspace), JSON.stringify(windows));
      else this.storage?.removeItem(keyOf(workspace));
    } catch {
      // More than fits: the workspace has what was typed until a second ago.
    }
  }

  /** What was kept of a workspace, once. */
  take(workspace: string): TypedWindow[] {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(keyOf(workspace)) ?? "[]");
      this.storage?.removeItem(keyOf(workspace));
      return Array.isArray(kept) ? kept.filter(isTyped) : [];
    } catch {
      return [];
    }
  }
}

function keyOf(workspace: string): string {
  return `imjoy.typed.${workspace}`;
}

function isTyped(value: Partial<TypedWindow> | null): value is TypedWindow {
  const { id, title, content } = value ?? {};
  return (
    typeof id === "string" &&
    typeof title === "string" &&
    content?.kind === "editor" &&
    typeof content.file === "string" &&
    typeof content.text === "string"
  );
}

function browserStorage(): Storage_ | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
