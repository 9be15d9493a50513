/** Builds the measuring page out of the workbench without its shell. */
import { defineConfig } from "vite";
import { sdkBundle } from "../../web/app/vite-sdk";

export default defineConfig({
  base: "./",
  build: { target: "es2022" },
  worker: { format: "es" },
  plugins: [sdkBundle()],
});
