/** What `run` of a plugin is called with. */

export interface RunContext extends Record<string, unknown> {
  config: Record<string, unknown>;
  data: unknown;
  name: string;
  type: string;
}

/**
 * The context with every field that plugins of any version read. Without data it has an empty
 * object, because older plugins look into `data` without asking whether it is there.
 */
export function runContext(
  plugin: string,
  answers: Record<string, unknown>,
  given: Record<string, unknown> = {},
): RunContext {
  const config = isObject(given.config) ? given.config : {};
  return {
    _variables: {},
    _op: plugin,
    _source_op: null,
    _transfer: false,
    _workflow_id: null,
    type: plugin,
    ...given,
    name: typeof given.name === "string" && given.name ? given.name : plugin,
    config: { ...answers, ...config },
    data: given.data ?? {},
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
