/** The data that a plugin is run on: that of the window in front, as far as the plugin takes it. */
import type { WindowModel } from "../model";
import { fitsInputs } from "../plugins/inputs";
import { imageForPlugin } from "../workspaces/image-value";
import type { Desk } from "./desk";

export interface ActiveData {
  data: unknown;
  /** The window that it is of; results open beside it. */
  window: string | undefined;
}

type Sources = Pick<Desk, "windows" | "items" | "pluginWindows">;

/**
 * With `inputs` the first of the active window and the last image that fits; without, the last image.
 * @param answers what the form says of the data itself
 * @param front the window that counts in place of the active one
 */
export function activeData(
  desk: Sources,
  inputs: unknown,
  answers: Record<string, unknown> = {},
  front?: WindowModel,
): ActiveData {
  const image = front?.content.kind === "image" ? front : desk.windows.lastImage();
  const active = front ?? desk.windows.get(desk.windows.active.get() ?? "");
  if (inputs === null || inputs === undefined) {
    const result = ["value", "frame"].includes(active?.content.kind ?? "") ? active : undefined;
    const window = image ?? result;
    return { data: window ? dataOf(desk, window) : null, window: window?.id };
  }
  for (const window of [active, image]) {
    const data = window && withAnswers(dataOf(desk, window), answers);
    if (window && data !== null && fitsInputs(inputs, data)) return { data, window: window.id };
  }
  const alone = withAnswers(null, answers);
  const data = alone !== null && fitsInputs(inputs, alone) ? alone : null;
  return { data, window: (image ?? active)?.id };
}

/** What a window shows, as a plugin gets it; null when there is nothing to get. */
function dataOf({ items, pluginWindows }: Sources, { id, content }: WindowModel): unknown {
  switch (content.kind) {
    case "image": {
      const item = items.get(content.item);
      return item ? imageForPlugin(item.name, item.image) : null;
    }
    case "frame":
      return pluginWindows.dataOf(id) ?? null;
    case "value":
      return content.value ?? null;
    case "markdown":
      return { source: content.source };
    default:
      return null;
  }
}

function withAnswers(data: unknown, answers: Record<string, unknown>): unknown {
  if (Object.keys(answers).length === 0) return data;
  if (data === null || data === undefined) return answers;
  const plain = typeof data === "object" && Object.getPrototypeOf(data) === Object.prototype;
  return plain ? { ...(data as object), ...answers } : data;
}
