// Builds v1.js, panel.js and panel.css, the same bytes every time; `node build.mjs FOLDER` builds elsewhere.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = ["chrome123", "firefox121", "safari17.5"];

// The loader carries its style as text, for a constructed style sheet.
const styleAsText = {
  name: "style-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /loader[\\/].*\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

await build({
  absWorkingDir: here("."),
  entryPoints: { v1: "src/loader/main.ts", panel: "src/panel/main.ts" },
  entryNames: "[name]",
  outdir: process.argv[2] ?? here("../src/wfc_qa/serving/static/widget"),
  bundle: true,
  minify: true,
  format: "iife",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  target,
  plugins: [styleAsText],
});
