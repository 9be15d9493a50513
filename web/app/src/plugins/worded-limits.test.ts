import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { limitsIn } from "./worded-limits";

const path = "../../../../tests/plugins/worded_limits.json";
const cases = JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8"));

it.each(cases as [string, object][])("reads as Python does: %s", (text, limits) => {
  expect(limitsIn(text)).toEqual(limits);
});
