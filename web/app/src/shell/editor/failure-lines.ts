/** Shows where a plugin failed: the line with its message, and the lines that called it. */
import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";

export interface ShownFailure {
  message: string;
  /** The line that failed, then its callers; from 1. */
  lines: number[];
}

export const showFailure = StateEffect.define<ShownFailure | null>();

const CALLER = Decoration.line({ class: "cm-caller-line" });
const FAILED = Decoration.line({ class: "cm-failed-line" });

class Message extends WidgetType {
  constructor(readonly text: string) {
    super();
  }

  override eq(other: Message): boolean {
    return other.text === this.text;
  }

  toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "cm-failed-text";
    element.textContent = this.text;
    return element;
  }
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, transaction) {
    let now = lines.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(showFailure)) now = decorate(effect.value, transaction.newDoc);
    }
    return now;
  },
  provide: (own) => EditorView.decorations.from(own),
});

function decorate(
  failure: ShownFailure | null,
  doc: { lines: number; line(number: number): { from: number; to: number } },
): DecorationSet {
  if (!failure) return Decoration.none;
  const inside = failure.lines.filter((line) => line >= 1 && line <= doc.lines);
  const ranges = inside.flatMap((number, index) => {
    const { from, to } = doc.line(number);
    if (index > 0) return [CALLER.range(from)];
    const widget = Decoration.widget({ widget: new Message(failure.message), side: 1 });
    return [FAILED.range(from), widget.range(to)];
  });
  return Decoration.set(ranges, true);
}

export const failureLines: Extension = field;
