/** The entries of a tree that are seen, as rows. */
import type { TreeNode } from "../../model";

export interface TreeRow {
  node: TreeNode;
  level: number;
  canOpen: boolean;
  closed: boolean;
  /** Index of the row of which it is a part; its own when it is of none. */
  parent: number;
}

export function flatten(
  nodes: TreeNode[],
  isClosed: (node: TreeNode) => boolean,
  rows: TreeRow[] = [],
  level = 1,
  parent = -1,
): TreeRow[] {
  for (const node of nodes) {
    const canOpen = !node.isLeaf && (node.children?.length ?? 0) > 0;
    const closed = canOpen && isClosed(node);
    const at = rows.length;
    rows.push({ node, level, canOpen, closed, parent: parent < 0 ? at : parent });
    if (canOpen && !closed) flatten(node.children ?? [], isClosed, rows, level + 1, at);
  }
  return rows;
}
