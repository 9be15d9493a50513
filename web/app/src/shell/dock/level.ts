/**
 * The dock notes the order of floating windows in `aria-level`, which a dialog may not have. It is kept for the
 * dock where it looks for it, and taken off the element for everybody else.
 */
export function hideLevels(root: HTMLElement): void {
  for (const element of root.querySelectorAll<HTMLElement>(".dv-resize-container")) {
    if (!element.hasAttribute("aria-level") || element.dataset.level !== undefined) continue;
    const read = element.getAttribute.bind(element);
    element.getAttribute = (name) =>
      name === "aria-level" ? (element.dataset.level ?? null) : read(name);
    const take = (): void => {
      const level = read("aria-level");
      if (level === null) return;
      element.dataset.level = level;
      element.removeAttribute("aria-level");
    };
    new MutationObserver(take).observe(element, { attributeFilter: ["aria-level"] });
    take();
  }
}
