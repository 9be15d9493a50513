import { describe, expect, it } from "vitest";
import { readApi } from "../../../vite-api";
import { apiOptions, snake, unknownNames } from "./api-names";

const table = readApi();

describe("names of the api", () => {
  it("have two spellings", () => {
    expect(["createWindow", "TAG", "ENGINE_URL", "log"].map(snake)).toEqual([
      "create_window",
      "TAG",
      "ENGINE_URL",
      "log",
    ]);
    expect(apiOptions(table, "snake").map(({ name }) => name)).toContain("show_message");
    expect(apiOptions(table, "camel").map(({ name }) => name)).toContain("showMessage");
  });

  it("that do not exist are found, with the one that was meant", () => {
    const text = [
      "await api.showMesage('x');",
      "  api.create_window(type='a')",
      "other.api.nothing(); myapi.nothing(); const a = api.anything;",
      'x = "api.nothing()"',
      "api.frobnicate()",
    ].join("\n");
    expect(unknownNames(text, table)).toMatchObject([
      { line: 1, column: 11, remedy: "Did you mean showMessage?", severity: "warning" },
      { line: 5, cause: "The api has no function frobnicate." },
    ]);
  });
});
