/** Draws the app's icon as PNG for the places that take no SVG. */
import { encode } from "fast-png";

const BLUE = [35, 87, 198] as const;
const PALE = [159, 193, 255] as const;
const WHITE = [255, 255, 255] as const;

/** A square icon of `size` pixels, without transparency so that any mask may be put over it. */
export function drawIcon(size: number): Uint8Array {
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      data.set(colourAt((x / size) * 64, (y / size) * 64), (y * size + x) * 3);
    }
  }
  return encode({ width: size, height: size, data, channels: 3, depth: 8 });
}

function colourAt(x: number, y: number): readonly number[] {
  if (Math.hypot(x - 24, y - 24) < 9) return WHITE;
  if (Math.hypot(x - 43, y - 29) < 6) return PALE;
  const smile = Math.abs(Math.hypot((x - 32) / 17, (y - 38) / 12) - 1) < 0.16 && y > 40;
  return smile ? WHITE : BLUE;
}
