/** Unit tests run in Node; tests that need a browser are named *.browser.test.ts and are run elsewhere. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    include: ["packages/**/*.test.ts", "app/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.browser.test.ts"],
    testTimeout: 20_000,
    maxWorkers: 2,
  },
});
