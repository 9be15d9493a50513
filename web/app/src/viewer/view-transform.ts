/** Zoom and pan: where image pixels are on the screen. All functions are pure. */

/** The part of an image that is seen: the image point in the middle and the screen pixels for one image pixel. */
export interface View {
  x: number;
  y: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

export const MAX_ZOOM = 64;

/** The whole image in the middle of the screen. */
export function fitView(image: Size, screen: Size): View {
  const zoom = Math.min(screen.width / image.width, screen.height / image.height);
  return {
    x: image.width / 2,
    y: image.height / 2,
    zoom: Math.min(MAX_ZOOM, zoom > 0 && Number.isFinite(zoom) ? zoom : 1),
  };
}

export function toImage(view: View, screen: Size, x: number, y: number): [number, number] {
  return [
    view.x + (x - screen.width / 2) / view.zoom,
    view.y + (y - screen.height / 2) / view.zoom,
  ];
}

export function toScreen(view: View, screen: Size, x: number, y: number): [number, number] {
  return [
    (x - view.x) * view.zoom + screen.width / 2,
    (y - view.y) * view.zoom + screen.height / 2,
  ];
}

/** The image pixels that are at least partly on the screen. */
export function partIn(view: View, image: Size, screen: Size): Size & { x: number; y: number } {
  const [left, top] = toImage(view, screen, 0, 0);
  const [right, bottom] = toImage(view, screen, screen.width, screen.height);
  const x = Math.min(image.width - 1, Math.max(0, Math.floor(left)));
  const y = Math.min(image.height - 1, Math.max(0, Math.floor(top)));
  return {
    x,
    y,
    width: Math.max(1, Math.min(image.width, Math.ceil(right)) - x),
    height: Math.max(1, Math.min(image.height, Math.ceil(bottom)) - y),
  };
}

/** Changes the zoom so that the image point under the screen point (x, y) stays where it is. */
export function zoomAt(
  view: View,
  image: Size,
  screen: Size,
  zoom: number,
  x = screen.width / 2,
  y = screen.height / 2,
): View {
  const smallest = Math.min(fitView(image, screen).zoom / 4, 0.25);
  const limited = Math.min(MAX_ZOOM, Math.max(smallest, zoom));
  const [imageX, imageY] = toImage(view, screen, x, y);
  const next = {
    x: imageX - (x - screen.width / 2) / limited,
    y: imageY - (y - screen.height / 2) / limited,
    zoom: limited,
  };
  return keepInSight(next, image);
}

/** Moves the image by screen pixels. */
export function panBy(view: View, image: Size, dx: number, dy: number): View {
  return keepInSight({ ...view, x: view.x - dx / view.zoom, y: view.y - dy / view.zoom }, image);
}

/** The middle of the screen always shows some point of the image. */
function keepInSight(view: View, image: Size): View {
  return {
    ...view,
    x: Math.min(image.width, Math.max(0, view.x)),
    y: Math.min(image.height, Math.max(0, view.y)),
  };
}

/** How one direction is drawn: which image pixels, and where on the screen they go. */
export interface Span {
  /** Image pixel for each pixel of the block. */
  indexes: Int32Array;
  /** First screen pixel and length of the drawn block. */
  start: number;
  length: number;
}

/**
 * When an image pixel is at least as big as a screen pixel, the block has one pixel for each image
 * pixel and is drawn larger; else it has one for each screen pixel, the nearest image pixel.
 * `center` is in image pixels, `scale` and `screen` in physical screen pixels.
 */
export function spanOf(length: number, center: number, scale: number, screen: number): Span {
  const origin = Math.round(screen / 2 - center * scale);
  if (scale >= 1) {
    const first = Math.max(0, Math.floor(-origin / scale));
    const last = Math.min(length, Math.ceil((screen - origin) / scale));
    const count = Math.max(0, last - first);
    return {
      indexes: Int32Array.from({ length: count }, (_, i) => first + i),
      start: origin + first * scale,
      length: count * scale,
    };
  }
  const start = Math.max(0, origin);
  const end = Math.min(screen, origin + Math.max(1, Math.round(length * scale)));
  const count = Math.max(0, end - start);
  const indexes = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const at = Math.floor((start + i + 0.5 - origin) / scale);
    indexes[i] = at < 0 ? 0 : at >= length ? length - 1 : at;
  }
  return { indexes, start, length: count };
}
