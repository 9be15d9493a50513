/** An arrangement of before for the windows that there are now: closed ones leave it, new ones become tabs. */
import type { SerializedDockview } from "dockview-core";

type Node = SerializedDockview["grid"]["root"];
interface Leaf {
  views: string[];
  activeView?: string | undefined;
  id: string;
}

/** Null when none of its windows is left. */
export function fitted(
  layout: SerializedDockview,
  now: SerializedDockview["panels"],
): SerializedDockview | null {
  const isThere = (id: string): boolean => id in now;
  const root = pruned(layout.grid.root, isThere);
  if (!root) return null;
  const floating = (layout.floatingGroups ?? []).flatMap((group) => {
    const data = prunedLeaf(group.data as Leaf, isThere);
    return data ? [{ ...group, data }] : [];
  });
  const placed = new Set([...viewsIn(root), ...floating.flatMap(({ data }) => data.views)]);
  firstLeaf(root).views.push(...Object.keys(now).filter((id) => !placed.has(id)));
  // A branch at the top, whatever is left of it.
  const top = root.type === "branch" ? root : { type: "branch", data: [root] };
  const { maximizedNode: _, ...grid } = layout.grid as typeof layout.grid & {
    maximizedNode?: unknown;
  };
  const made = { ...layout, grid: { ...grid, root: top }, panels: now, floatingGroups: floating };
  return made as SerializedDockview;
}

function pruned(node: Node, isThere: (id: string) => boolean): Node | null {
  if (node.type === "leaf") {
    const data = prunedLeaf(node.data as Leaf, isThere);
    return data ? ({ ...node, data } as Node) : null;
  }
  const children = node.data as Node[];
  const left = children.flatMap((child) => {
    const kept = pruned(child, isThere);
    return kept ? [kept] : [];
  });
  if (left.length === 0) return null;
  const size = (nodes: Node[]): number => nodes.reduce((sum, one) => sum + (one.size ?? 0), 0);
  // The room of what is gone goes to the others.
  const grown = size(left) > 0 ? size(children) / size(left) : 1;
  const data = left.map((child) => ({ ...child, size: (child.size ?? 0) * grown }));
  return { ...node, data } as Node;
}

function prunedLeaf(leaf: Leaf, isThere: (id: string) => boolean): Leaf | null {
  const views = leaf.views.filter(isThere);
  if (views.length === 0) return null;
  const front = leaf.activeView !== undefined && isThere(leaf.activeView);
  return { ...leaf, views, activeView: front ? leaf.activeView : views[0] };
}

function viewsIn(node: Node): string[] {
  if (node.type === "leaf") return (node.data as Leaf).views;
  return (node.data as Node[]).flatMap(viewsIn);
}

function firstLeaf(node: Node): Leaf {
  return node.type === "leaf" ? (node.data as Leaf) : firstLeaf((node.data as Node[])[0] as Node);
}
