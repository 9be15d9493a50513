/** Where the pixels of an image are in memory: lengths and strides of its named axes. */
import { guessAxes } from "../data/decoded";

export type AxisName = "T" | "Z" | "C" | "Y" | "X" | "S";

export interface Layout {
  /** Length of each axis, 1 where the image does not have it. */
  size: Record<AxisName, number>;
  /** Elements from one position of an axis to the next, 0 where the image does not have it. */
  stride: Record<AxisName, number>;
  /** The axes as they were understood, one letter for each dimension. */
  axes: string;
}

const KNOWN = "TZCYXS";

/** Names of unknown or missing axes are guessed; raises when there are more dimensions than names. */
export function layoutOf(shape: readonly number[], given: string): Layout {
  const axes = nameAxes(shape, given);
  const size = { T: 1, Z: 1, C: 1, Y: 1, X: 1, S: 1 };
  const stride = { T: 0, Z: 0, C: 0, Y: 0, X: 0, S: 0 };
  let step = 1;
  for (let index = shape.length - 1; index >= 0; index--) {
    const name = axes[index] as AxisName;
    size[name] = shape[index] as number;
    stride[name] = step;
    step *= shape[index] as number;
  }
  return { size, stride, axes };
}

function nameAxes(shape: readonly number[], given: string): string {
  if (shape.length < 2 || shape.length > 6) {
    throw new RangeError(
      `An image has two to six dimensions, this array has ${shape.length} (${shape.join(" x ")}).`,
    );
  }
  const upper = given.toUpperCase();
  const fits =
    upper.length === shape.length &&
    new Set(upper).size === upper.length &&
    upper.includes("Y") &&
    upper.includes("X");
  const names = fits ? upper : guessAxes(shape);
  // Letters that we do not know take the names that are left.
  const free = [..."ZTC"].filter((name) => !names.includes(name));
  return [...names].map((name) => (KNOWN.includes(name) ? name : (free.shift() ?? "?"))).join("");
}
