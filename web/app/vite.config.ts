/** How the app is built: everything relative, so that it works below any address. */
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { apiTable } from "./vite-api";
import { checksums, content } from "./vite-content";
import { pageHead } from "./vite-head";
import { pythonRuntime } from "./vite-python";
import { sdkBundle } from "./vite-sdk";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: ["index.html", "lite.html"] },
  },
  worker: { format: "es" },
  plugins: [
    pageHead(),
    sdkBundle(),
    apiTable(),
    svelte(),
    content(),
    pythonRuntime(),
    VitePWA({
      injectRegister: false,
      registerType: "autoUpdate",
      manifest: {
        name: "ImJoy",
        short_name: "ImJoy",
        description: "Run scientific analysis from a browser.",
        theme_color: "#2357c6",
        background_color: "#f7f8fa",
        display: "standalone",
        start_url: "./",
        scope: "./",
        icons: [
          { src: "icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
      workbox: {
        globPatterns: ["**/*"],
        // Python for the browser is large: it is kept when it was used for the first time.
        globIgnores: ["**/sw.js", "**/workbox-*.js", "runtimes/**"],
        runtimeCaching: [
          {
            urlPattern: /\/runtimes\//,
            handler: "StaleWhileRevalidate",
            options: { cacheName: "imjoy-runtimes" },
          },
        ],
        maximumFileSizeToCacheInBytes: 20 * 1024 * 1024,
        navigateFallback: "index.html",
        navigateFallbackDenylist: [/lite\.html/],
        clientsClaim: true,
        skipWaiting: true,
        ignoreURLParametersMatching: [/.*/],
      },
    }),
    checksums(),
  ],
});
