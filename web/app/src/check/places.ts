/** Gives windows with frames a place on the page, where the shell would. */
import type { Workbench } from "../model";

/** Keeps a box on the page for each window and dialog that shows a frame. */
export function placeWindows(workbench: Workbench): void {
  const boxes = new Map<string, HTMLElement>();
  const place = (): void => {
    const wanted = new Set([
      ...workbench.windows
        .get()
        .flatMap(({ id, content }) => (content.kind === "frame" ? [id] : [])),
      ...workbench.dialogs.get().flatMap((dialog) => (dialog.kind === "frame" ? [dialog.id] : [])),
    ]);
    for (const id of wanted) if (!boxes.has(id)) boxes.set(id, addBox(workbench, id));
    for (const [id, box] of boxes) {
      if (wanted.has(id)) continue;
      box.remove();
      boxes.delete(id);
    }
  };
  workbench.windows.subscribe(place);
  workbench.dialogs.subscribe(place);
}

function addBox(workbench: Workbench, id: string): HTMLElement {
  const box = document.createElement("div");
  box.style.cssText = "width:800px;height:600px";
  document.body.append(box);
  // The window is told of its place once the store has been told of the window.
  setTimeout(() => workbench.mountWindow(id, box));
  return box;
}
