/** Names as words: "filterSize" and "filter_size" as "Filter size". */
export function titleOf(name: string): string {
  const words = name
    .replace(
      /([a-z])([A-Z])/g,
      (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
    )
    .replace(/[_-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
