/** The kind of data that is dragged when files of the engine are: a list of their paths. */
export const ENGINE_FILES = "application/x-imjoy-engine-files";
