import { expect, it } from "vitest";
import { Allowance, LIMITS } from "./allowance";
import { allServices } from "./index";

it("grants so many in a time, tells once of more, and begins anew after it", () => {
  let now = 0;
  const allowance = new Allowance(() => now);
  const { most, seconds } = LIMITS.exportFile as { most: number; seconds: number };
  const taken = Array.from({ length: most + 3 }, () => allowance.take("a", "exportFile"));
  expect(taken.filter((one) => one === "granted")).toHaveLength(most);
  expect(taken.slice(most)).toEqual(["first", "refused", "refused"]);
  expect(allowance.take("b", "exportFile")).toBe("granted");
  now = seconds * 1000;
  expect(allowance.take("a", "exportFile")).toBe("granted");
});

it("counts only what is limited, and only services that there are", () => {
  const allowance = new Allowance(() => 0);
  for (let i = 0; i < 2000; i += 1) expect(allowance.take("a", "log")).toBe("granted");
  expect(allowance.take("a", "constructor")).toBe("granted");
  const names = Object.keys(allServices());
  expect(Object.keys(LIMITS).filter((name) => !names.includes(name))).toEqual([]);
});
