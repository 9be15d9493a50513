/** Puts what all pages have in their head where they say `<!--head-->`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const HEAD = join(import.meta.dirname, "head.html");
const PLACE = "<!--head-->";

export function pageHead(): Plugin {
  return {
    name: "imjoy-page-head",
    transformIndexHtml: {
      order: "pre",
      handler(page, { filename }) {
        if (!page.includes(PLACE)) throw new Error(`${filename} has no ${PLACE} in its head.`);
        return page.replace(PLACE, () => readFileSync(HEAD, "utf8").trim());
      },
    },
  };
}
