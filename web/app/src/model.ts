/** The types that host, viewer and shell share, one topic per file of `model/`. */
export * from "./model/capabilities";
export * from "./model/data";
export * from "./model/editor";
export * from "./model/environments";
export * from "./model/files";
export * from "./model/forms";
export * from "./model/manifest-words";
export * from "./model/permissions";
export * from "./model/plugins";
export * from "./model/store";
export * from "./model/windows";
export * from "./model/work";
export * from "./model/workbench";
export * from "./model/workers";
export * from "./model/workspaces";
