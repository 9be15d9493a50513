/** Makes HTML that comes from plugins harmless. */
import DOMPurify from "dompurify";

/** The HTML without scripts, handlers and the like; only its text where there is no DOM. */
export function sanitize(html: string): string {
  if (!DOMPurify.isSupported) return html.replace(/<[^>]*>/g, " ");
  return DOMPurify.sanitize(html, { FORBID_TAGS: ["style", "form", "input", "button", "iframe"] });
}
