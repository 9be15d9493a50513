/** The text of the program that runs first in plugin frames, built by vite-sdk.ts. */
declare module "virtual:imjoy-sdk" {
  const text: string;
  export default text;
}

/** The functions of `api` and what they do, read by vite-api.ts. */
declare module "virtual:imjoy-api" {
  const table: readonly { name: string; signature: string; does: string }[];
  export default table;
}
