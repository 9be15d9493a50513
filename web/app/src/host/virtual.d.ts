/** The text of the program that runs first in plugin frames, built by vite-sdk.ts. */
declare module "virtual:imjoy-sdk" {
  const text: string;
  export default text;
}
