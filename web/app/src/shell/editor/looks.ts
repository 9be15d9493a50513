/** Colours and sizes of the code, from those of the page. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--bg-raised)", color: "var(--fg)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "0.8125rem/1.55 var(--font-mono)" },
  ".cm-content": { caretColor: "var(--fg)" },
  ".cm-cursor": { borderLeftColor: "var(--fg)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--code-selection) !important",
  },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--code-match)" },
  ".cm-searchMatch-selected": { outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-match)" },
  ".cm-gutters": {
    backgroundColor: "var(--bg)",
    color: "var(--fg-muted)",
    borderRight: "1px solid var(--border)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--bg-sunken)",
    borderColor: "var(--border)",
    color: "var(--fg-muted)",
  },
  ".cm-panels, .cm-tooltip": {
    backgroundColor: "var(--bg-raised)",
    color: "var(--fg)",
    borderColor: "var(--border)",
  },
  ".cm-panels": { borderTop: "1px solid var(--border)", fontFamily: "var(--font)" },
  ".cm-panel.cm-search": { padding: "6px 28px 6px 8px", fontSize: "0.8125rem" },
  ".cm-panel input.cm-textfield": {
    width: "auto",
    minHeight: "28px",
    padding: "2px 8px",
    fontSize: "0.8125rem",
    borderColor: "var(--border)",
    backgroundColor: "var(--bg)",
    color: "var(--fg)",
  },
  ".cm-panel.cm-search label": { fontSize: "0.8125rem", color: "var(--fg)" },
  ".cm-panel.cm-search [type=checkbox]": { verticalAlign: "middle" },
  ".cm-panel .cm-button": {
    padding: "2px 10px",
    minHeight: "28px",
    fontSize: "0.8125rem",
    borderColor: "var(--border)",
    borderRadius: "var(--radius)",
    backgroundImage: "none",
    backgroundColor: "var(--bg-raised)",
    color: "var(--fg)",
  },
  ".cm-panel [name=close]": { color: "var(--fg)", cursor: "pointer", minHeight: "28px" },
  ".cm-tooltip": { borderRadius: "var(--radius)", boxShadow: "var(--shadow)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--accent-fg)",
  },
  ".cm-completionInfo": { maxWidth: "min(360px, 80vw)", padding: "8px 10px" },
  ".cm-completionInfo code": {
    display: "block",
    marginTop: "6px",
    font: "0.75rem/1.4 var(--font-mono)",
    color: "var(--fg-muted)",
    overflowWrap: "anywhere",
  },
  ".cm-diagnostic": { maxWidth: "min(460px, 85vw)", whiteSpace: "pre-wrap" },
  ".cm-failed-line": { backgroundColor: "var(--danger-soft)" },
  ".cm-caller-line": { boxShadow: "inset 3px 0 var(--danger)" },
  ".cm-failed-text": {
    marginLeft: "1.5em",
    color: "var(--danger)",
    fontStyle: "italic",
    whiteSpace: "pre-wrap",
  },
  ".cm-changedLine": { backgroundColor: "var(--code-added) !important" },
  ".cm-deletedChunk": { backgroundColor: "var(--code-removed) !important" },
  ".cm-changedText": { background: "var(--code-added-text) !important" },
  ".cm-deletedChunk .cm-deletedText": { background: "var(--code-removed-text) !important" },
  ".cm-insertedLine, .cm-deletedLine, .cm-deletedLine del": { textDecoration: "none" },
  ".cm-collapsedLines": {
    background: "var(--bg-sunken)",
    color: "var(--fg-muted)",
    padding: "3px 8px",
  },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"⋯"' },
  ".cm-chunkButtons button": { minHeight: "24px", padding: "0 8px", fontSize: "0.78rem" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--fg-muted)", fontStyle: "italic" },
  { tag: [tags.tagName, tags.angleBracket], color: "var(--code-tag)" },
  { tag: [tags.attributeName, tags.propertyName], color: "var(--code-name)" },
  {
    tag: [tags.definition(tags.variableName), tags.function(tags.variableName), tags.className],
    color: "var(--code-function)",
  },
  { tag: tags.invalid, color: "var(--danger)" },
]);

export const looks: Extension = [theme, syntaxHighlighting(colours)];
