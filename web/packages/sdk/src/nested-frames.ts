/**
 * Takes frames inside a frame away before anything in them runs, for plugins whose network is limited:
 * a frame within has its own connections of WebRTC, which no content security policy covers.
 */
const FRAMES = "iframe, frame, object, embed, fencedframe";

export function refuseNestedFrames(root: Document | ShadowRoot = document): void {
  // Taken now: the plugin may replace them later.
  const { observe } = MutationObserver.prototype;
  const removeNode = Element.prototype.remove;
  const findAll = DocumentFragment.prototype.querySelectorAll;
  const clean = (where: ParentNode): void => {
    const found =
      where instanceof DocumentFragment
        ? findAll.call(where, FRAMES)
        : Document.prototype.querySelectorAll.call(where, FRAMES);
    for (const element of found) removeNode.call(element);
  };
  const watch = (where: Document | ShadowRoot): void => {
    // The callback runs before a frame that was just added has loaded anything.
    const observer = new MutationObserver(() => clean(where));
    observe.call(observer, where, { childList: true, subtree: true });
    clean(where);
  };
  watch(root);
  followShadows(watch);
}

/** What is in a shadow is seen only by an observer of that shadow. */
function followShadows(watch: (root: ShadowRoot) => void): void {
  const { attachShadow } = Element.prototype;
  const define = (of: object, name: string, value: unknown): void => {
    if (name in of) {
      Object.defineProperty(of, name, { value, writable: false, configurable: false });
    }
  };
  define(Element.prototype, "attachShadow", function (this: Element, init: ShadowRootInit) {
    const shadow = attachShadow.call(this, init);
    watch(shadow);
    return shadow;
  });
  // These make shadows from markup, which nobody could watch.
  for (const of of [Element.prototype, ShadowRoot.prototype])
    define(of, "setHTMLUnsafe", undefined);
  define(Document, "parseHTMLUnsafe", undefined);
  for (const name of ["write", "writeln", "open"]) define(Document.prototype, name, undefined);
}
