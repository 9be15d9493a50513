/** The words of the code editor's own parts in the language of the user. */
import { EditorState, type Extension } from "@codemirror/state";
import { t } from "../messages";

export function phrases(): Extension {
  return EditorState.phrases.of({
    Find: t("Find"),
    Replace: t("Replace with"),
    next: t("next"),
    previous: t("previous"),
    all: t("all"),
    "match case": t("match case"),
    regexp: t("regular expression"),
    "by word": t("whole words"),
    replace: t("replace"),
    "replace all": t("replace all"),
    close: t("Close"),
    "current match": t("current match"),
    "replaced $ matches": t("$ matches replaced"),
    "replaced match on line $": t("match replaced on line $"),
    "on line": t("on line"),
    "Go to line": t("Go to line"),
    go: t("Go"),
    Completions: t("Completions"),
    Diagnostics: t("Problems"),
    "No diagnostics": t("No problems"),
    "Fold line": t("Fold"),
    "Unfold line": t("Unfold"),
    "folded code": t("folded code"),
    unfold: t("Unfold"),
    to: t("to"),
    "Folded lines": t("Folded lines"),
    "Unfolded lines": t("Unfolded lines"),
    "$ unchanged lines": t("$ unchanged lines"),
  });
}
