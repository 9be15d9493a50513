/** Markdown to HTML that is safe to show; loaded when it is first needed. */
import { marked } from "marked";
import { sanitize } from "../services/sanitize";

export function renderMarkdown(source: string): string {
  return sanitize(marked.parse(source, { async: false }));
}
