/** The view `imjoy/image-compare`: two images in one window, one over the other. */
import { codedError } from "../plugins/failure";
import { imageFrom } from "../workspaces/image-value";
import { asRecord } from "./record";
import type { View } from "./view";
import { withinNetwork } from "./view-network";

export const openComparison: View = async ({ windows, items, readers }, request) => {
  const { name, beside, origin, hosts = null } = request;
  const data = { ...asRecord(request.config), ...asRecord(request.data) };
  const sides = [data.first, data.second].map((side) =>
    typeof side === "string" ? { src: side } : side,
  );
  if (sides.some((side) => side === undefined || side === null)) {
    const cause = "Two images are needed to compare.";
    const remedy = "Give them as data: {first, second}.";
    throw codedError("plugin.error", `${cause} ${remedy}`, { cause, remedy });
  }
  const [first, second] = await Promise.all(
    sides.map((side) => imageFrom(withinNetwork(side, hosts), readers)),
  );
  if (!first || !second) throw codedError("plugin.error", "Two images are needed to compare.");
  const ids: [string, string] = [
    items.add(`${name} (1)`, first, origin).id,
    items.add(`${name} (2)`, second, origin).id,
  ];
  const content = { kind: "compare", items: ids, offset: share(data.offset) } as const;
  const { id } = windows.open({ title: name, content, beside });
  windows.whenClosed(id, () => {
    for (const item of ids) items.remove(item);
  });
  return { id };
};

/** Where the two meet, 0 to 1. */
function share(offset: unknown): number {
  const given = Number(offset ?? 0.5);
  return Number.isFinite(given) ? Math.min(1, Math.max(0, given)) : 0.5;
}
