/** Texts about an image: what it is, what is under the pointer, where the contrast stands. */
import type { ImageData_ } from "../model";
import type { Hover, ViewerState } from "./state";

/** "512 x 512 pixels", "3 channels", "5 slices". */
export function describeSize(state: ViewerState): string[] {
  const parts = [`${state.width} x ${state.height} pixels`];
  if (state.channels.length > 1) parts.push(`${state.channels.length} channels`);
  if (state.zCount > 1) parts.push(`${state.zCount} slices`);
  if (state.tCount > 1) parts.push(`${state.tCount} time points`);
  return parts;
}

/** For those who do not see the picture, what there is to say of it. */
export function describeImage({ array }: ImageData_, state: ViewerState): string[] {
  const labels = state.hasLabels ? ["with labels drawn over it"] : [];
  return [...describeSize(state), array.dtype, `axes ${state.axes}`, ...labels];
}

/** Numbers of any size in few letters. */
export function formatValue(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return String(value ?? "");
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(3);
  return String(Number(value.toPrecision(5)));
}

/** "x 12, y 40, z 2: 120, 80, 3". Channels that are switched off are left out. */
export function describeHover(hover: Hover, state: ViewerState): string {
  const place = [`x ${hover.x}`, `y ${hover.y}`];
  if (state.zCount > 1) place.push(`z ${hover.z}`);
  if (state.tCount > 1) place.push(`t ${hover.t}`);
  const shown = state.color
    ? hover.values
    : hover.values.filter((_, index) => state.channels[index]?.visible);
  return `${place.join(", ")}: ${shown.map(formatValue).join(", ")}`;
}

/** "87 %", with digits only where they say something. */
export function formatZoom(zoom: number): string {
  const percent = zoom * 100;
  return `${percent < 10 ? Number(percent.toPrecision(2)) : Math.round(percent)} %`;
}

/** The step of a slider: whole numbers stay whole. */
export function sliderStep([low, high]: readonly [number, number], float: boolean): number {
  return float ? (high - low) / 1000 || 0.001 : Math.max(1, Math.round((high - low) / 4096));
}
