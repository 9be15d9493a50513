/** Opening image files. */
export { guessAxes } from "./decoded";
export { DataError } from "./errors";
export { IMAGE_ACCEPT, IMAGE_TYPES } from "./formats";
export { formatBytes, MAX_BYTES } from "./limits";
export { readImage } from "./read-image";
