/** A part of an image in whole pixels, as it is drawn, moved and sized. All functions are pure. */
import type { Region } from "../model";
import type { Size } from "./view-transform";

export type Point = readonly [x: number, y: number];

/** The corners of a region, in the order in which they are drawn. */
export const CORNERS = ["nw", "ne", "se", "sw"] as const;
export type Corner = (typeof CORNERS)[number];

/** The pixels between two points of an image, at least one. */
export function regionBetween([ax, ay]: Point, [bx, by]: Point, image: Size): Region {
  const [x, right] = pixels(ax, bx, image.width);
  const [y, bottom] = pixels(ay, by, image.height);
  return { x, y, width: right - x, height: bottom - y };
}

function pixels(from: number, to: number, size: number): [number, number] {
  const first = Math.min(size - 1, Math.max(0, Math.floor(Math.min(from, to))));
  const end = Math.min(size, Math.ceil(Math.max(from, to)));
  return [first, Math.max(first + 1, end)];
}

/** The region elsewhere, as far as the image goes. */
export function movedBy(region: Region, dx: number, dy: number, image: Size): Region {
  const within = (start: number, length: number, size: number): number =>
    Math.round(Math.min(size - length, Math.max(0, start)));
  return {
    ...region,
    x: within(region.x + dx, region.width, image.width),
    y: within(region.y + dy, region.height, image.height),
  };
}

/** The region with its lower right corner elsewhere. */
export function grownBy(region: Region, dx: number, dy: number, image: Size): Region {
  const within = (length: number, room: number): number => Math.min(room, Math.max(1, length));
  return {
    ...region,
    width: within(region.width + dx, image.width - region.x),
    height: within(region.height + dy, image.height - region.y),
  };
}

export function cornerOf({ x, y, width, height }: Region, corner: Corner): Point {
  return [corner.endsWith("w") ? x : x + width, corner.startsWith("n") ? y : y + height];
}

/** The corner that stays where it is while this one is moved. */
export function oppositeOf(corner: Corner): Corner {
  return CORNERS[(CORNERS.indexOf(corner) + 2) % CORNERS.length] as Corner;
}

/** The middle of a part, half as wide and high: a region to begin with. */
export function middleOf({ x, y, width, height }: Region): Region {
  return {
    x: Math.floor(x + width / 4),
    y: Math.floor(y + height / 4),
    width: Math.max(1, Math.round(width / 2)),
    height: Math.max(1, Math.round(height / 2)),
  };
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What an arrow key makes of a region: it moves it, or with Shift its corner; with Ctrl by ten pixels. */
export function regionAfterKey(event: KeyboardEvent, region: Region, image: Size): Region | null {
  const arrow = ARROWS[event.key];
  if (!arrow || event.altKey) return null;
  const step = event.ctrlKey || event.metaKey ? 10 : 1;
  const change = event.shiftKey ? grownBy : movedBy;
  return change(region, arrow[0] * step, arrow[1] * step, image);
}
