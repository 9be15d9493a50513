/** The image viewer. */
export { labelColor } from "./colors";
export { BINS, type Contrast, type Window } from "./contrast";
export { ImageViewer } from "./image-viewer";
export { KEY_HELP } from "./input";
export type { ChannelState, Hover, ViewerState } from "./state";
export {
  describeHover,
  describeImage,
  describeSize,
  formatValue,
  formatZoom,
  sliderStep,
} from "./text";
