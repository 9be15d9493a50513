/**
 * Keeps the keyboard where a person types. Browsers let any frame take the focus, also from a field beside it and from below an
 * open dialog, where `inert` does not help; so it is given back, and who takes it again and again is ended.
 */

/** What is known when a frame has got the focus. */
export interface Taking {
  /** A dialog is open, and the frame is not in it. */
  covered: boolean;
  /** What had the focus takes text. */
  fromField: boolean;
  /** Milliseconds since the person pressed the tabulator here. */
  sinceTab: number;
  /** The pointer is over the frame, has moved since the last key, and the person has pressed something. */
  pointed: boolean;
}

const TAB = 500;

/** Whether the person may have meant the frame to have it. */
export function mayTake({ covered, fromField, sinceTab, pointed }: Taking): boolean {
  if (covered) return false;
  return !fromField || sinceTab < TAB || pointed;
}

/** True when it was taken more often than could be an accident. */
export function isThief(times: readonly number[], now: number): boolean {
  const within = (span: number): number => times.filter((time) => now - time < span).length;
  return within(2_000) >= 3 || within(60_000) >= 8;
}

const FIELDS =
  "textarea, [contenteditable]:not([contenteditable=false]), input:not([type=button], [type=submit], [type=checkbox], [type=radio], [type=range], [type=color], [type=file])";

export class Keyboard {
  private readonly frames = new Map<HTMLIFrameElement, (reason: string) => void>();
  private readonly taken = new Map<HTMLIFrameElement, number[]>();
  private before: { element: HTMLElement; at: number } | null = null;
  private tabAt = Number.NEGATIVE_INFINITY;
  private keyAt = Number.NEGATIVE_INFINITY;
  private moveAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly page: Window) {
    const options = { capture: true, passive: true };
    page.addEventListener("keydown", (event) => this.noteKey(event), options);
    for (const name of ["pointermove", "pointerover", "pointerdown"] as const) {
      page.addEventListener(name, () => this.noteMove(), options);
    }
    page.addEventListener("focusout", ({ target }) => this.noteLoss(target), options);
    page.addEventListener("blur", ({ target }) => target === page && this.look());
  }

  /** @param onThief told when the frame does not leave the keyboard alone */
  watch(frame: HTMLIFrameElement, onThief: (reason: string) => void): () => void {
    this.frames.set(frame, onThief);
    return () => {
      this.frames.delete(frame);
      this.taken.delete(frame);
    };
  }

  private noteKey({ key }: KeyboardEvent): void {
    this.keyAt = performance.now();
    if (key === "Tab") this.tabAt = this.keyAt;
  }

  private noteMove(): void {
    this.moveAt = performance.now();
  }

  private noteLoss(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement) || target instanceof HTMLIFrameElement) return;
    this.before = { element: target, at: performance.now() };
  }

  /** The page has lost the keyboard: to a frame, or to another program. */
  private look(): void {
    const frame = this.page.document.activeElement;
    if (!(frame instanceof HTMLIFrameElement) || !this.frames.has(frame)) return;
    const now = performance.now();
    const { before } = this;
    if (before === null || now - before.at > 100 || !before.element.isConnected) return;
    if (mayTake(this.taking(frame, before.element, now))) return;
    const times = [...(this.taken.get(frame) ?? []), now].filter((time) => now - time < 60_000);
    this.taken.set(frame, times);
    const thief = isThief(times, now) ? this.frames.get(frame) : undefined;
    this.page.setTimeout(() => this.giveBack(frame, before.element));
    thief?.("It took the keyboard again and again while you typed elsewhere.");
  }

  private taking(frame: HTMLIFrameElement, from: HTMLElement, now: number): Taking {
    const dialog = [...this.page.document.querySelectorAll("dialog:modal")].at(-1);
    return {
      covered: dialog !== undefined && !dialog.contains(frame),
      fromField: from.matches(FIELDS),
      sinceTab: now - this.tabAt,
      pointed:
        frame.matches(":hover") &&
        this.moveAt > this.keyAt &&
        this.page.navigator.userActivation?.isActive !== false,
    };
  }

  /** The focus of an element alone does not bring the keyboard back from another process. */
  private giveBack(frame: HTMLIFrameElement, element: HTMLElement): void {
    frame.blur();
    this.page.focus();
    element.focus({ preventScroll: true });
  }
}

const all = new WeakMap<Window, Keyboard>();

/** The one of this page. */
export function keyboardOf(page: Window): Keyboard {
  const found = all.get(page) ?? new Keyboard(page);
  all.set(page, found);
  return found;
}
