/** The image viewer. */
export { labelColor } from "./colors";
export { BINS, type Contrast, type Window } from "./contrast";
export { ImageViewer } from "./image-viewer";
export { handleKey, KEY_HELP, wheelFactor } from "./input";
export {
  CORNERS,
  type Corner,
  cornerOf,
  middleOf,
  movedBy,
  oppositeOf,
  type Point,
  regionAfterKey,
  regionBetween,
} from "./region";
export type { ChannelState, Hover, ViewerState } from "./state";
export {
  describeHover,
  describeImage,
  describeSize,
  formatValue,
  formatZoom,
  sliderStep,
} from "./text";
export { toImage, toScreen } from "./view-transform";
