import { expect, it } from "vitest";
import { CAPABILITY_OF, FREE } from "./capabilities";
import { allServices } from "./index";

it("marks every service with who may use it, and nothing else", () => {
  const names = Object.keys(allServices());
  const marked = [...CAPABILITY_OF.keys(), ...FREE];
  expect(names.filter((name) => !CAPABILITY_OF.has(name) && !FREE.has(name))).toEqual([]);
  expect(marked.length).toBe(new Set(marked).size);
});
