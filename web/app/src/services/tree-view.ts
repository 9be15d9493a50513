/** The view `imjoy/tree`: entries to fold and select; the plugin is told of what is done with them. */
import type { TreeEvent, TreeNode } from "../model";
import { asRecord } from "./record";
import type { Tell, View } from "./view";

/** Entries that are shown; a plugin that has more shows them when they are asked for. */
const LIMIT = 5000;

type Callback = (...args: unknown[]) => unknown;

export const openTree: View = async ({ windows }, request, tell) => {
  const { name, beside } = request;
  const given = { ...asRecord(request.data), ...asRecord(request.config) };
  let selected: TreeNode[] = [];
  const onEvent = (event: TreeEvent, node: TreeNode): void => {
    if (event === "select") selected = [node];
    callBack(given, event, node, tell);
  };
  const content = (nodes: unknown) =>
    ({ kind: "tree", nodes: readNodes(nodes, { left: LIMIT }), onEvent }) as const;
  const { id } = windows.open({ title: name, content: content(given.nodes), beside });
  const setNodes = (nodes: unknown): void => windows.change(id, { content: content(nodes) });
  return {
    id,
    methods: { setNodes, getSelected: () => selected },
    change: (data) => setNodes(asRecord(data).nodes ?? data),
  };
};

/** Earlier versions passed functions for each event; the event itself is told too. */
function callBack(
  given: Record<string, unknown>,
  event: TreeEvent,
  node: TreeNode,
  tell: Tell,
): void {
  const callback = given[`node_${event}_callback`];
  if (typeof callback === "function") {
    void Promise.resolve((callback as Callback)(event === "select" ? [node] : node)).catch(
      () => undefined,
    );
  }
  tell(event, node);
}

function readNodes(given: unknown, count: { left: number }): TreeNode[] {
  if (!Array.isArray(given)) return [];
  return given.slice(0, Math.max(0, count.left)).map((one): TreeNode => {
    count.left -= 1;
    const { title, name, children, isLeaf, isExpanded, isSelected, data } = asRecord(one);
    const node: TreeNode = { title: String(title ?? name ?? one) };
    if (Array.isArray(children)) node.children = readNodes(children, count);
    if (isLeaf === true) node.isLeaf = true;
    if (isExpanded === true) node.isExpanded = true;
    if (isSelected === true) node.isSelected = true;
    if (data !== undefined) node.data = data;
    return node;
  });
}
