/** Windows and questions to the user. */

import type { EditorContent } from "./editor";
import type { FileAnswer, FileQuestion } from "./files";
import type { Form, FormField } from "./forms";
import type { PluginCard } from "./plugins";

export type WindowContent =
  | { kind: "image"; item: string }
  | { kind: "frame"; plugin: string }
  | { kind: "markdown"; source: string }
  | { kind: "value"; value: unknown }
  | { kind: "log"; plugin: string }
  | EditorContent
  /** A form that a plugin shows; what is entered is told to it. */
  | {
      kind: "form";
      form: Form;
      answers: Record<string, unknown>;
      onChange?(field: string, value: unknown): void;
      onPress?(field: string): void;
    }
  | { kind: "tree"; nodes: TreeNode[]; onEvent?(event: TreeEvent, node: TreeNode): void }
  | { kind: "compare"; items: [string, string]; offset: number }
  /** Text as it comes, such as the output of a program; `onInput` when it can be answered. */
  | { kind: "terminal"; text: string; onInput?(line: string): void }
  /** What was open before and could not be opened again. */
  | { kind: "lost"; plugin: string; data: unknown; text: string };

/** One entry of a tree, as plugins write it. */
export interface TreeNode {
  title: string;
  children?: TreeNode[];
  isLeaf?: boolean;
  isExpanded?: boolean;
  isSelected?: boolean;
  data?: unknown;
}

export type TreeEvent = "select" | "dbclick" | "toggle";

export interface WindowModel {
  id: string;
  title: string;
  content: WindowContent;
  /** Id of the window that this one should open beside. */
  beside?: string;
  /** It goes on, but is not seen. */
  hidden?: boolean;
  /** Size in pixels that its plugin asked for last. */
  size?: WindowSize;
  /** It is to fill the area of the windows. */
  fullscreen?: boolean;
}

export interface WindowSize {
  width?: number;
  height?: number;
}

/**
 * How the windows are arranged, and who arranged them so last: the user at the dock, the page, or the dock itself
 * while it followed what the page or a plugin asked of a window.
 */
export interface LayoutState {
  layout: unknown;
  by: "dock" | "page" | "following";
}

/** The plugin that asks, which a person can end from its dialog. */
export interface DialogOwner {
  name: string;
  stop(): void;
}

export type DialogRequest = { from?: DialogOwner } & DialogKind;

type DialogKind =
  | { id: string; kind: "alert"; title: string; text: string; done(): void }
  | {
      id: string;
      kind: "confirm";
      title: string;
      text: string;
      confirm: string;
      cancel: string;
      done(yes: boolean): void;
    }
  | {
      id: string;
      kind: "prompt";
      title: string;
      text: string;
      placeholder: string;
      done(answer: string | null): void;
    }
  | {
      id: string;
      kind: "form";
      title: string;
      fields: FormField[];
      html: string;
      done(answer: Record<string, unknown> | null): void;
    }
  | {
      id: string;
      kind: "files";
      title: string;
      text: string;
      question: FileQuestion;
      done(answer: FileAnswer | null): void;
    }
  | { id: string; kind: "frame"; title: string; window: WindowModel; done(): void }
  | { id: string; kind: "permissions"; plugin: string; done(): void }
  | { id: string; kind: "install"; card: PluginCard; done(tag: string | null | false): void };
