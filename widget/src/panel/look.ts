// Theme and the portal's own colour, corner and typeface, kept readable.
import { css, inkOn, readable, rgb } from "../shared/colour";
import type { Options, Theme } from "../shared/protocol";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
let accent = "";

export function wear(theme: Theme): void {
  if (theme === "auto") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  tint();
}

export function dress(options: Options): void {
  accent = options.accent;
  wear(options.theme);
  if (CSS.supports("border-radius", options.radius)) root.style.setProperty("--radius", options.radius);
  if (CSS.supports("font-family", options.font)) root.style.setProperty("--sans", options.font);
  root.dataset["mode"] = options.mode;
  dark.onchange = tint;
}

function tint(): void {
  const colour = rgb(accent, document.body);
  if (!colour) return;
  const paper = rgb(getComputedStyle(document.body).backgroundColor, document.body) ?? [1, 1, 1];
  const seen = readable(colour, paper);
  root.style.setProperty("--accent", css(seen));
  root.style.setProperty("--on-accent", css(inkOn(seen)));
  root.style.setProperty("--tint", "color-mix(in srgb, var(--accent) 9%, var(--paper))");
}
