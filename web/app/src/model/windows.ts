/** Windows and questions to the user. */

import type { EditorContent } from "./editor";
import type { FileAnswer, FileQuestion } from "./files";
import type { FormField } from "./forms";
import type { PluginCard } from "./plugins";

export type WindowContent =
  | { kind: "image"; item: string }
  | { kind: "frame"; plugin: string }
  | { kind: "markdown"; source: string }
  | { kind: "value"; value: unknown }
  | { kind: "log"; plugin: string }
  | EditorContent;

export interface WindowModel {
  id: string;
  title: string;
  content: WindowContent;
  /** Id of the window that this one should open beside. */
  beside?: string;
}

/** How the windows are arranged, and who arranged them so last: the user at the dock, or the page. */
export interface LayoutState {
  layout: unknown;
  by: "dock" | "page";
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
