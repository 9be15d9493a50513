/** The field for code: CodeMirror with what a plugin file needs. */
import { autocompletion, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
  tooltips,
} from "@codemirror/view";
import type { TextProblem } from "../../model";
import { t } from "../messages";
import { failureLines, type ShownFailure, showFailure } from "./failure-lines";
import { languageOf } from "./language";
import { looks } from "./looks";
import { phrases } from "./phrases";

export interface CodeViewParts {
  parent: HTMLElement;
  file: string;
  text: string;
  onChange(text: string): void;
  /** Keys of the page's commands for the editor come first. @returns whether there was one */
  onKeys(event: KeyboardEvent): boolean;
}

export class CodeView {
  private readonly view: EditorView;
  private readonly comparison = new Compartment();

  constructor(parts: CodeViewParts) {
    const state = EditorState.create({
      doc: parts.text,
      extensions: [
        Prec.highest(keymap.of([{ any: (_, event) => parts.onKeys(event) }])),
        basics(parts.file),
        languageOf(parts.file, parts.text),
        this.comparison.of([]),
        failureLines,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) parts.onChange(update.state.doc.toString());
        }),
      ],
    });
    this.view = new EditorView({ state, parent: parts.parent });
  }

  focus(): void {
    this.view.focus();
  }

  /** Puts the cursor on a line and shows it. */
  goTo(line: number, column = 1): void {
    const { doc } = this.view.state;
    const { from, length } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const at = from + Math.min(column - 1, length);
    this.view.dispatch({
      selection: { anchor: at },
      effects: EditorView.scrollIntoView(at, { y: "center" }),
    });
    this.view.focus();
  }

  showProblems(problems: readonly TextProblem[]): void {
    const { doc } = this.view.state;
    const diagnostics = problems.map(({ line, column, severity, cause, remedy }): Diagnostic => {
      const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
      const start = column === null ? from : Math.min(from + column - 1, to);
      return { from: start, to, severity, message: `${cause}\n${remedy}` };
    });
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  showFailure(failure: ShownFailure | null): void {
    this.view.dispatch({ effects: showFailure.of(failure) });
  }

  /** Shows what differs from another text, or no longer. */
  async compare(original: string | null): Promise<void> {
    const content: Extension = original === null ? [] : await differences(original);
    this.view.dispatch({ effects: this.comparison.reconfigure(content) });
  }

  destroy(): void {
    this.view.destroy();
  }
}

function basics(file: string): Extension {
  return [
    looks,
    phrases(),
    lineNumbers(),
    foldGutter(),
    lintGutter(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    highlightSelectionMatches(),
    drawSelection(),
    dropCursor(),
    rectangularSelection(),
    history(),
    indentOnInput(),
    bracketMatching(),
    autocompletion(),
    // What would reach out of the window is cut off there, so lists open upwards near its end.
    tooltips({ tooltipSpace: ({ dom }) => dom.getBoundingClientRect() }),
    EditorState.allowMultipleSelections.of(true),
    EditorView.contentAttributes.of({
      "aria-label": t("Code of {name}", { name: file }),
      "aria-description": t("Tab indents. Press Escape and then Tab to leave the code."),
      // Editable text is reached by Tab all the same; who checks pages needs to read it.
      tabindex: "0",
      spellcheck: "false",
      autocapitalize: "off",
      autocorrect: "off",
    }),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]),
  ];
}

async function differences(original: string): Promise<Extension> {
  const { unifiedMergeView } = await import("@codemirror/merge");
  return unifiedMergeView({
    original,
    highlightChanges: true,
    gutter: true,
    collapseUnchanged: { margin: 3, minSize: 6 },
    mergeControls: (type, action) => {
      // What is installed changes by saving; here a change can only be taken back.
      if (type === "accept") return document.createElement("span");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = t("Take back");
      button.addEventListener("click", action);
      return button;
    },
  });
}
