/** The button for tabs that have no room, and its list: the dock makes them for the mouse; here they get names and keys. */

const BUTTON = "dv-tabs-overflow-dropdown-root";
const LIST = "dv-tabs-overflow-container";

export interface OverflowWords {
  button(count: string): string;
  list(): string;
}

/** Names them as they come; what is returned ends it. */
export function nameOverflow(root: HTMLElement, words: OverflowWords): () => void {
  const observer = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      // How many there are is said by its text, which changes.
      const button = target instanceof HTMLElement ? target.closest(`.${BUTTON}`) : null;
      if (button) button.ariaLabel = words.button(button.textContent.trim());
      for (const node of addedNodes) if (node instanceof HTMLElement) name(node, words);
    }
  });
  observer.observe(root, { childList: true, subtree: true });
  return () => observer.disconnect();
}

function name(element: HTMLElement, words: OverflowWords): void {
  if (element.classList.contains(BUTTON))
    nameButton(element, words.button(element.textContent.trim()));
  const list = element.classList.contains(LIST) ? element : element.querySelector(`.${LIST}`);
  if (list instanceof HTMLElement && !list.role) nameList(list, words.list());
}

function nameButton(button: HTMLElement, label: string): void {
  button.role = "button";
  button.tabIndex = 0;
  button.ariaLabel = label;
  button.ariaHasPopup = "menu";
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    const { left, bottom } = button.getBoundingClientRect();
    const place = { clientX: left, clientY: bottom, bubbles: true, cancelable: true };
    button.dispatchEvent(new MouseEvent("click", place));
  });
}

function nameList(list: HTMLElement, label: string): void {
  const rows = [...list.children].filter((row) => row instanceof HTMLElement);
  const before = document.activeElement;
  list.role = "menu";
  list.ariaLabel = label;
  for (const row of rows) {
    row.role = "menuitem";
    row.tabIndex = -1;
  }
  list.addEventListener("keydown", (event) => {
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next !== undefined) rows[(next + rows.length) % rows.length]?.focus();
    else if (event.key === "Enter" || event.key === " ") rows[at]?.click();
    else if (event.key === "Escape" || event.key === "Tab") {
      // The dock hears of this key at the window alone, which it does not get to below.
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      if (before instanceof HTMLElement) before.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  queueMicrotask(() => rows[0]?.focus());
}
