import { expect, it } from "vitest";
import type { TreeNode } from "../../model";
import { flatten } from "./tree-rows";

const tree: TreeNode[] = [
  { title: "a", children: [{ title: "b", children: [{ title: "c" }] }, { title: "d" }] },
  { title: "leaf", isLeaf: true, children: [{ title: "unseen" }] },
];

it("has a row for each entry that is seen, with its level and what it is a part of", () => {
  const open = flatten(tree, () => false);
  expect(open.map(({ node, level, parent }) => [node.title, level, parent])).toEqual([
    ["a", 1, 0],
    ["b", 2, 0],
    ["c", 3, 1],
    ["d", 2, 0],
    ["leaf", 1, 4],
  ]);
  const folded = flatten(tree, ({ title }) => title === "b");
  expect(folded.map(({ node }) => node.title)).toEqual(["a", "b", "d", "leaf"]);
  expect(folded[1]).toMatchObject({ canOpen: true, closed: true });
});
