/** What a form has to do with the parts of the images that windows show. */
import { type Readable, type Region, Store } from "../model";

/** A part of an image while it is drawn over its window. */
export interface Drawing {
  readonly region: Readable<Region | null>;
  change(region: Region | null): void;
  end(): void;
}

/** The window of one image. */
export interface ImagePart {
  /** The part of the image that is on the screen; null while there is none. */
  seen(): Region | null;
  /** Lets the user draw; what was being drawn there before ends. */
  draw(drawing: Drawing): void;
  /** Takes the drawing away, if it is still this one. */
  clear(drawing: Drawing): void;
}

/** Lets the user draw a part over a window; `onEnd` is called once, however it ends. */
export function startDrawing(
  part: ImagePart,
  start: Region | null,
  onChange: (region: Region | null) => void,
  onEnd: () => void,
): Drawing {
  const region = new Store(start);
  let ended = false;
  const drawing: Drawing = {
    region,
    change: (changed) => {
      region.set(changed);
      onChange(changed);
    },
    end: () => {
      if (ended) return;
      ended = true;
      part.clear(drawing);
      onEnd();
    },
  };
  part.draw(drawing);
  return drawing;
}
