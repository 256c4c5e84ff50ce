import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  build: {
    // Browsers with light-dark() and :has(); older ones are told so by index.html's plain text.
    target: ["chrome123", "firefox121", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }, // an inline script otherwise
    reportCompressedSize: false,
  },
});
