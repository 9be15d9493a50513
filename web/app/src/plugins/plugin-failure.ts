/** Failures of plugins, with the line of the plugin's file that is at fault. */
import type { Failure, PluginSource } from "../model";
import { toFailure } from "./failure";
import { namesInTracebacks, scriptFileName } from "./file-name";
import { placesIn } from "./places";

/** As `toFailure`; the cause names the line when the traceback does. */
export function pluginFailure(error: unknown, step: string, source: PluginSource): Failure {
  const failure = toFailure(error, step);
  const names = namesInTracebacks(source);
  if (placesIn(failure.cause, names).length > 0) return failure;
  const [place] = placesIn(failure.detail ?? "", names);
  if (!place) return failure;
  const [, said, end] = /^(.*?)(\.?)$/s.exec(failure.cause) as RegExpExecArray;
  const where = `${scriptFileName(source)}, line ${place.line}`;
  return { ...failure, cause: `${said} (${where})${end}` };
}

/** The failure of a plugin that did not start; the steps of the engine do not say for which plugin they were. */
export function startFailure(error: unknown, source: PluginSource): Failure {
  const { name } = source.manifest;
  const start = `Starting ${name}`;
  const failure = pluginFailure(error, start, source);
  return failure.step.includes(name) ? failure : { ...failure, step: `${start}: ${failure.step}` };
}
