/** What the viewer shows and how: the values that its controls read and change. */
import type { Contrast, Window } from "./contrast";

export interface ChannelState {
  name: string;
  /** "#rrggbb"; RGB images have one channel, whose colour means nothing. */
  color: string;
  visible: boolean;
  /** The values shown as black and as full colour. */
  window: Window;
  contrast: Contrast;
}

export interface ViewerState {
  width: number;
  height: number;
  /** The axes as they were understood. */
  axes: string;
  /** Values are colours, not measurements. */
  color: boolean;
  float: boolean;
  channels: ChannelState[];
  z: number;
  zCount: number;
  t: number;
  tCount: number;
  /** Screen pixels (CSS) for one image pixel. */
  zoom: number;
  /** The image point in the middle of the window. */
  x: number;
  y: number;
  /** The whole image is kept in the window when that is resized. */
  fitted: boolean;
  hasLabels: boolean;
  labelsVisible: boolean;
  /** 0 shows outlines only. */
  labelOpacity: number;
  /** Why labels are not shown although there are some. */
  labelProblem: string;
}

/** What is under the pointer. */
export interface Hover {
  x: number;
  y: number;
  z: number;
  t: number;
  /** One for each channel, or the samples of a colour. */
  values: number[];
  /** null when the image has no labels. */
  label: number | null;
}

export const START: ViewerState = {
  width: 0,
  height: 0,
  axes: "",
  color: false,
  float: false,
  channels: [],
  z: 0,
  zCount: 1,
  t: 0,
  tCount: 1,
  zoom: 1,
  x: 0,
  y: 0,
  fitted: true,
  hasLabels: false,
  labelsVisible: true,
  labelOpacity: 0.35,
  labelProblem: "",
};
