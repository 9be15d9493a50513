/** Makes HTML that comes from plugins harmless. */
import DOMPurify, { type UponSanitizeAttributeHookEvent } from "dompurify";

/** Attributes by which a page fetches something without anybody's doing. */
const FETCHED = new Set(["src", "poster", "background", "data", "xlink:href"]);
const FORBIDDEN = {
  FORBID_TAGS: ["style", "form", "input", "button", "iframe"],
  FORBID_ATTR: ["srcset", "ping"],
};

// An address can tell what the plugin knows, and this HTML is in the page, which may reach every host.
function dropFetched(node: Element, data: UponSanitizeAttributeHookEvent): void {
  const { attrName: name, attrValue: value } = data;
  const isFetched = FETCHED.has(name) || (name === "href" && node.nodeName.toUpperCase() !== "A");
  if (isFetched && !/^\s*(data|blob):/i.test(value)) {
    data.keepAttr = false;
    node.setAttribute("title", value);
  }
  if (name === "style" && /url|image|\\/i.test(value)) data.keepAttr = false;
}

function openElsewhere(node: Element): void {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
}

// Where there is no DOM there are no hooks either.
if (DOMPurify.isSupported) {
  DOMPurify.addHook("uponSanitizeAttribute", dropFetched);
  DOMPurify.addHook("afterSanitizeAttributes", openElsewhere);
}

/**
 * The HTML without scripts, handlers and the like, and without pictures of other hosts, whose
 * alternative text stays; only its text where there is no DOM.
 */
export function sanitize(html: string): string {
  if (!DOMPurify.isSupported) return html.replace(/<[^>]*>/g, " ");
  return DOMPurify.sanitize(html, FORBIDDEN);
}
