/** How the map is built: into `server/static/map`, with names that change with the content, packed as it is sent. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const OUT = "../static/map";

/** Tells the service worker which files this release has, and packs each file, once for all who will fetch it. */
function released(): Plugin {
  return {
    name: "released",
    apply: "build",
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name !== "sw.js" && !name.endsWith(".json")).sort();
      const release = createHash("sha256").update(files.join()).digest("hex").slice(0, 12);
      const worker = bundle["sw.js"];
      if (worker?.type === "chunk") {
        worker.code = worker.code.replaceAll("__FILES__", JSON.stringify(files)).replaceAll("__RELEASE__", JSON.stringify(release));
      }
    },
    closeBundle() {
      for (const name of readdirSync(OUT).filter((each) => /\.(js|css|svg)$/.test(each))) {
        const bytes = readFileSync(`${OUT}/${name}`);
        writeFileSync(`${OUT}/${name}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${OUT}/${name}.br`, brotliCompressSync(bytes));
      }
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [released()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: { map: "src/main.ts", sw: "src/sw.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "[name]-[hash].js"),
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
