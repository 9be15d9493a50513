/** The one rule by which the snake_case spelling of a function leads to its camelCase name. */

/** `show_status` becomes `showStatus`; names in capitals and camelCase names stay as they are. */
export function toCamel(name: string): string {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(name)) return name;
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
