/** Mouse, touch and keys of the image view. */

/** What the input can do; positions are in CSS pixels from the upper left corner of the element. */
export interface InputActions {
  zoomBy(factor: number, x?: number, y?: number): void;
  panBy(dx: number, dy: number): void;
  fit(): void;
  actualSize(): void;
  stepSlice(by: number): void;
  stepTime(by: number): void;
  toggleLabels(): void;
  autoContrast(): void;
  hoverAt(x: number, y: number): void;
  hoverEnd(): void;
}

const KEY_PAN = 60;
const KEY_ZOOM = 1.25;

const KEYS: Record<string, (actions: InputActions) => void> = {
  "0": (actions) => actions.fit(),
  "1": (actions) => actions.actualSize(),
  "+": (actions) => actions.zoomBy(KEY_ZOOM),
  "=": (actions) => actions.zoomBy(KEY_ZOOM),
  "-": (actions) => actions.zoomBy(1 / KEY_ZOOM),
  _: (actions) => actions.zoomBy(1 / KEY_ZOOM),
  ArrowLeft: (actions) => actions.panBy(KEY_PAN, 0),
  ArrowRight: (actions) => actions.panBy(-KEY_PAN, 0),
  ArrowUp: (actions) => actions.panBy(0, KEY_PAN),
  ArrowDown: (actions) => actions.panBy(0, -KEY_PAN),
  "[": (actions) => actions.stepSlice(-1),
  "]": (actions) => actions.stepSlice(1),
  PageUp: (actions) => actions.stepSlice(-1),
  PageDown: (actions) => actions.stepSlice(1),
  ",": (actions) => actions.stepTime(-1),
  ".": (actions) => actions.stepTime(1),
  l: (actions) => actions.toggleLabels(),
  a: (actions) => actions.autoContrast(),
};

/** The keys in words, for the help text. */
export const KEY_HELP: readonly (readonly [string, string])[] = [
  ["+ and -", "zoom in and out"],
  ["0", "fit the image to the window"],
  ["1", "100 %"],
  ["Arrow keys", "move the image"],
  ["[ and ], Page Up, Page Down", "slice before and after"],
  [", and .", "time point before and after"],
  ["A", "set the contrast automatically"],
  ["L", "show or hide the labels"],
];

/** True when the key did something. */
export function handleKey(event: KeyboardEvent, actions: InputActions): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const action = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!action) return false;
  action(actions);
  return true;
}

/** How much one turn of the wheel zooms; `deltaMode` 1 counts lines, 2 pages. */
export function wheelFactor(delta: number, mode: number, pinch: boolean): number {
  const pixels = delta * (mode === 1 ? 16 : mode === 2 ? 300 : 1);
  const limited = Math.max(-300, Math.min(300, pixels));
  return Math.exp(-limited * (pinch ? 0.01 : 0.002));
}

/** Listens until the returned function is called. */
export function listen(element: HTMLElement, actions: InputActions): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const place = (event: MouseEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      actions.zoomBy(wheelFactor(event.deltaY, event.deltaMode, event.ctrlKey), ...place(event));
    },
    { signal, passive: false },
  );
  element.addEventListener("dblclick", () => actions.fit(), { signal });
  element.addEventListener(
    "keydown",
    (event) => {
      if (handleKey(event, actions)) event.preventDefault();
    },
    { signal },
  );
  listenPointers(element, actions, place, signal);
  return () => stop.abort();
}

/** One pointer moves the image, two move and zoom it. */
function listenPointers(
  element: HTMLElement,
  actions: InputActions,
  place: (event: MouseEvent) => [number, number],
  signal: AbortSignal,
): void {
  const down = new Map<number, [number, number]>();
  const release = (event: PointerEvent): void => {
    down.delete(event.pointerId);
    element.toggleAttribute("data-dragging", down.size > 0);
  };
  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.pointerType === "mouse" && event.button > 1) return;
      down.set(event.pointerId, place(event));
      element.setPointerCapture(event.pointerId);
      element.toggleAttribute("data-dragging", true);
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      const [x, y] = place(event);
      const before = down.get(event.pointerId);
      if (before) {
        const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
        down.set(event.pointerId, [x, y]);
        if (other) {
          const grown = Math.hypot(x - other[0], y - other[1]);
          const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
          // Two pointers share the movement, so each counts half.
          actions.panBy((x - before[0]) / 2, (y - before[1]) / 2);
          if (was > 0) actions.zoomBy(grown / was, (x + other[0]) / 2, (y + other[1]) / 2);
        } else {
          actions.panBy(x - before[0], y - before[1]);
        }
      }
      actions.hoverAt(x, y);
    },
    { signal },
  );
  element.addEventListener("pointerup", release, { signal });
  element.addEventListener("pointercancel", release, { signal });
  element.addEventListener("lostpointercapture", release, { signal });
  element.addEventListener("pointerleave", () => actions.hoverEnd(), { signal });
}
