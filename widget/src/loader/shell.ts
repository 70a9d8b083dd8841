// What stands in the shadow tree: launcher, panel, and the line that is shown while there is no frame to show.
import type { Language } from "../shared/protocol";
import { words } from "./options";
import text from "./loader.css";

const SVG = "http://www.w3.org/2000/svg";
const BUBBLE = "M4.500 6.500a2 2 0 0 1 2-2h11a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6l-4 3.500v-3.500h-1a2 2 0 0 1-2-2z";
const LINES = "M8 8.500h8M8 12.300h4";
const SHUT = "M6.500 9.500l5.500 5.500l5.500-5.500";

export interface Shell {
  outer: HTMLElement;
  launcher: HTMLButtonElement;
  panel: HTMLElement;
  line: HTMLElement;
  again: HTMLButtonElement;
  close: HTMLButtonElement;
}

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function build(root: ShadowRoot, inline: boolean): Shell {
  dress(root);
  const launcher = make(
    "button",
    { class: "launcher", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "panel" },
    drawing("ask", BUBBLE, LINES),
    drawing("shut", SHUT),
  );
  const line = make("p");
  const again = make("button", { type: "button", hidden: "" });
  const close = make("button", { type: "button" });
  const keys = make("div", { class: "keys" }, again, ...(inline ? [] : [close]));
  const wait = make("div", { class: "wait" }, make("div", { role: "status" }, line), keys);
  const panel = inline ? make("div", { class: "panel", role: "region" }, wait) : make("dialog", { class: "panel" }, wait);
  panel.id = "panel";
  panel.tabIndex = -1;
  // An empty title of its own keeps the element's from popping up over the conversation.
  const outer = make("div", { class: "shell", title: "" }, ...(inline ? [panel] : [launcher, panel]));
  root.append(outer);
  return { outer, launcher, panel, line, again, close };
}

export function label(shell: Shell, lang: Language, title: string): void {
  const said = words(lang);
  shell.outer.lang = lang === "zh" ? "zh-Hans" : "en";
  shell.launcher.setAttribute("aria-label", title || said.name);
  shell.panel.setAttribute("aria-label", title || said.name);
  shell.again.textContent = said.again;
  shell.close.textContent = said.close;
}

// A constructed sheet needs no 'unsafe-inline' of the host page's policy.
function dress(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  root.adoptedStyleSheets = [sheet];
}

function drawing(name: string, ...paths: string[]): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const path of paths) svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", path);
  if (name === "ask") {
    const dot = svg.appendChild(document.createElementNS(SVG, "circle"));
    for (const [key, value] of [["class", "dot"], ["cx", "15.8"], ["cy", "12.300"], ["r", "1.500"]] as const) dot.setAttribute(key, value);
  }
  return svg;
}
