/**
 * Takes frames inside a frame away before anything in them runs, for plugins whose network is limited:
 * a frame within has its own connections of WebRTC, which no content security policy covers.
 * It is the second net below `frame-makers`.
 */
import { refuseFrameMakers } from "./frame-makers";

const FRAMES = "iframe, frame, object, embed, fencedframe";
const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;

type Root = Document | ShadowRoot;

export function refuseNestedFrames(): void {
  refuseFrameMakers();
  // Taken now: the plugin may replace them later.
  const { observe } = MutationObserver.prototype;
  const { querySelectorAll } = Document.prototype;
  const { querySelectorAll: queryShadow } = DocumentFragment.prototype;
  const { remove } = Element.prototype;
  const { item } = NodeList.prototype;
  const lengthOf = getOwnPropertyDescriptor(NodeList.prototype, "length")?.get as () => number;
  const watch = (root: Root, findAll: (selectors: string) => NodeListOf<Element>): void => {
    const clean = (): void => {
      const found = apply(findAll, root, [FRAMES]);
      const count = apply(lengthOf, found, []);
      for (let i = 0; i < count; i += 1) apply(remove, apply(item, found, [i]) as Element, []);
    };
    // The callback runs before a frame that was just added has loaded anything.
    const observer = new MutationObserver(clean);
    apply(observe, observer, [root, { childList: true, subtree: true }]);
    clean();
  };
  watch(document, querySelectorAll);
  followShadows((shadow) => watch(shadow, queryShadow));
}

/** What is in a shadow is seen only by an observer of that shadow; a copy of a shadow would have none. */
function followShadows(watch: (root: ShadowRoot) => void): void {
  const { attachShadow } = Element.prototype;
  defineProperty(Element.prototype, "attachShadow", {
    value(this: Element, init: ShadowRootInit) {
      const shadow = apply(attachShadow, this, [{ ...init, clonable: false }]);
      watch(shadow);
      return shadow;
    },
    writable: false,
    configurable: false,
  });
}
