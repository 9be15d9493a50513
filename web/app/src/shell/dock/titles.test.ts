import { expect, it } from "vitest";
import type { WindowModel } from "../../model";
import { titlesOf } from "./titles";

it("windows of one name are told apart, the first as it is", () => {
  const window = (id: string, title: string): WindowModel => ({
    id,
    title,
    content: { kind: "value", value: 0 },
  });
  const titles = titlesOf([window("a", "Lab"), window("b", "Other"), window("c", "Lab")]);
  expect([...titles]).toEqual([
    ["a", "Lab"],
    ["b", "Other"],
    ["c", "Lab (2)"],
  ]);
});
