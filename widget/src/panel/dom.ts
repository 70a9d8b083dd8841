// Elements made by hand: whatever comes from readers, documents or models goes in as text.
type Child = Node | string | null | false;
type Properties = Record<string, string | number | boolean | ((event: Event) => void) | undefined>;

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  fresh: "M12 5v14M5 12h14",
  send: "M12 20V5m0 0l-6 6m6-6l6 6",
  stop: "M7 7h10v10H7z",
  copy: "M9 9h10v11H9zM5 15V4h10",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  up: "M8 11v9H4v-9zm0 0l4-7c1.5 0 2.3 1 2 2.5L13.5 10H19c1 0 1.7.9 1.5 1.900l-1.300 6.500c-.2 1-.9 1.600-1.900 1.600H8",
  down: "M16 13V4h4v9zm0 0l-4 7c-1.500 0-2.300-1-2-2.500l.5-3.500H5c-1 0-1.700-.9-1.500-1.900l1.300-6.500C5 4.600 5.700 4 6.700 4H16",
  proved: "M12 3.500l7 2.500v5.500c0 4.500-3 7.500-7 9c-4-1.500-7-4.500-7-9V6zM9 12l2.200 2.200L15.200 10",
  withheld: "M12 3.500l7 2.500v5.500c0 4.500-3 7.500-7 9c-4-1.500-7-4.500-7-9V6zM9 12h6",
  close: "M6 6l12 12M18 6L6 18",
  back: "M20 12H5m0 0l6-6m-6 6l6 6",
} as const;
export type Icon = keyof typeof ICONS;

// Functions become listeners (`onclick`), false and undefined leave the attribute out, true sets it bare.
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false && child !== ""));
  return element;
}

export function icon(name: Icon): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", ICONS[name]);
  return svg;
}

export const hidden = (text: string) => h("span", { class: "vh" }, text);

export function iconButton(name: Icon, label: string, act: (event: Event) => void, more: Properties = {}): HTMLButtonElement {
  return h("button", { type: "button", class: "quiet", title: label, "aria-label": label, onclick: act, ...more }, icon(name));
}

// An address that a browser may follow: never `javascript:` or a bare path.
export const webAddress = (address: string) => (/^https?:\/\//i.test(address) && URL.canParse(address) ? address : "");

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

// Additions to the status line are read out, and nothing in it is read twice.
export function announce(text: string, lang = ""): void {
  document.getElementById("status")?.append(h("p", lang ? { lang } : {}, text));
}
