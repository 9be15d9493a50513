/**
 * Hands the focus on when what had it goes away: to its neighbour, else to what had it before, else to the window
 * in front. Without this the browser would begin at the top of the page again.
 */

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled, [type="hidden"]), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex="-1"]), iframe';
/** Neighbours are looked for up to here; beyond, things have nothing to do with each other. */
const REGION =
  "main, aside, nav, dialog, body, .page > header, .page > footer, [data-focus-region]";
const KEPT = 12;
/** Milliseconds in which a second press of a key is not meant for what has just got the focus. */
const TWICE = 600;

/** Where a part was among its siblings. */
interface Place {
  parent: Element;
  before: Element | null;
  after: Element | null;
}

interface Held {
  element: HTMLElement;
  places: Place[];
  /** It was in the place of the windows. */
  inMain: boolean;
}

/** @param home where the focus goes when nothing better is found. */
export function keepFocus(home: () => HTMLElement | null): () => void {
  const keeper = new Keeper(home);
  const noted = (event: FocusEvent): void => keeper.note(event.target);
  const left = (event: FocusEvent): void => keeper.left(event.target, event.relatedTarget);
  // A frame that takes the focus tells nobody but the window that loses it.
  const blurred = (): void => keeper.note(document.activeElement);
  const pressed = (event: KeyboardEvent): void => keeper.pressed(event);
  const observer = new MutationObserver(() => keeper.look());
  document.addEventListener("focusin", noted);
  document.addEventListener("focusout", left);
  window.addEventListener("blur", blurred);
  window.addEventListener("keydown", pressed, true);
  observer.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled", "hidden"],
  });
  return () => {
    observer.disconnect();
    document.removeEventListener("focusin", noted);
    document.removeEventListener("focusout", left);
    window.removeEventListener("blur", blurred);
    window.removeEventListener("keydown", pressed, true);
  };
}

class Keeper {
  private history: Held[] = [];
  /** Somebody left it for nothing, as with a press beside it. */
  private isLeft = true;
  private isDue = false;
  /** What got the focus by itself, and when. */
  private handed: { to: HTMLElement; at: number } | null = null;

  constructor(private readonly home: () => HTMLElement | null) {}

  note(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement) || target === document.body) return;
    this.isLeft = false;
    const others = this.history.filter(({ element }) => element !== target);
    this.history = [{ element: target, ...placesOf(target) }, ...others].slice(0, KEPT);
  }

  left(target: EventTarget | null, to: EventTarget | null): void {
    if (to !== null || !(target instanceof HTMLElement)) return;
    setTimeout(() => {
      if (isUsable(target) && document.activeElement === document.body) this.isLeft = true;
    });
  }

  look(): void {
    const last = this.history[0]?.element;
    if (!last || this.isLeft || this.isDue) return;
    if (last.isConnected && document.activeElement !== document.body) return;
    this.isDue = true;
    // Whoever took it away may give the focus itself.
    setTimeout(() => {
      this.isDue = false;
      this.handOn();
    });
  }

  private handOn(): void {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    const last = this.history[0]?.element;
    // It may come back in a moment, and Tab goes on from there meanwhile.
    if (last?.isConnected && last.matches(":disabled")) return;
    const dialog = [...document.querySelectorAll<HTMLElement>("dialog[open]")].at(-1);
    const target = this.target(dialog ?? document.body);
    const to = target ?? dialog ?? this.home();
    to?.focus();
    this.handed = to && { to, at: performance.now() };
  }

  /** Who deletes with a double press must not delete what comes next as well. */
  pressed(event: KeyboardEvent): void {
    const isPress =
      (event.key === "Enter" || event.key === " ") && !event.shiftKey && !event.ctrlKey;
    if (this.handed === null || !isPress) return;
    const { to, at } = this.handed;
    if (event.target !== to || !to.matches("button") || performance.now() - at > TWICE) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private target(within: Element): HTMLElement | null {
    for (const { element, places, inMain } of this.history) {
      // What only its own keys reach, such as a tab that is not chosen any more, is no place to go back to.
      if (isUsable(element) && element.tabIndex >= 0 && within.contains(element)) return element;
      if (inMain && within === document.body) return this.home();
      const near = places
        .filter(({ parent }) => parent.isConnected && within.contains(parent))
        .map(nearest)
        .find((one) => one !== null);
      if (near) return near;
    }
    return null;
  }
}

function placesOf(element: HTMLElement): { places: Place[]; inMain: boolean } {
  const places: Place[] = [];
  for (let child: Element = element; child.parentElement; child = child.parentElement) {
    if (child.matches(REGION)) break;
    const { previousElementSibling: before, nextElementSibling: after } = child;
    places.push({ parent: child.parentElement, before, after });
  }
  return {
    places: places.filter(({ parent }) => !parent.matches("body, main")),
    inMain: element.closest("main") !== null,
  };
}

/** What can have the focus nearest to that place. */
function nearest({ parent, before, after }: Place): HTMLElement | null {
  const inside = (one: Element | null): HTMLElement[] => (one?.isConnected ? focusable(one) : []);
  return inside(after)[0] ?? inside(before).at(-1) ?? focusable(parent)[0] ?? null;
}

function focusable(root: Element): HTMLElement[] {
  const own = root.matches(FOCUSABLE) ? [root as HTMLElement] : [];
  return [...own, ...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(isUsable);
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(":disabled") && element.checkVisibility();
}
