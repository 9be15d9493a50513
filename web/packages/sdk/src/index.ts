/** What a plugin sees, and what the workbench needs to start one. */
export type { ImJoyApi, PluginObject, RunContext, WindowApi, WindowConfig } from "./api";
export type {
  Hello,
  LoadStep,
  PluginFacts,
  PluginInterface,
  PythonRuntime,
  RequireKind,
} from "./messages";
export type { MirrorFacts } from "./mirror";
export { toCamel } from "./names";
