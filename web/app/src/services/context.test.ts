import { expect, it } from "vitest";
import { runContext } from "./context";

it("has every field that plugins of any version read", () => {
  expect(runContext("Coins", { size: 3, mode: "a" }, { config: { size: 5 }, name: "" })).toEqual({
    _variables: {},
    _op: "Coins",
    _source_op: null,
    _transfer: false,
    _workflow_id: null,
    config: { size: 5, mode: "a" },
    data: {},
    name: "Coins",
    type: "Coins",
  });
});

it("passes on what the caller gave, falsy data too", () => {
  const given = { data: 0, name: "mine", extra: 1, _op: "other" };
  expect(runContext("Coins", {}, given)).toMatchObject(given);
});
