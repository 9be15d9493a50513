/** The services of the workbench as the published library shows them: one object, some functions in objects of it. */

export type ServiceCall = (name: string) => (...args: unknown[]) => Promise<unknown>;

/** `names` are as in `utils.openUrl`. */
export function serviceCalls(names: readonly string[], call: ServiceCall): Record<string, unknown> {
  const api: Record<string, unknown> = {};
  const groups: Record<string, Record<string, unknown>> = {};
  for (const name of names) {
    const [group, member] = name.split(".") as [string, string?];
    if (member === undefined) api[name] = call(name);
    else groups[group] = { ...groups[group], [member]: call(name) };
  }
  return { ...api, ...groups };
}
