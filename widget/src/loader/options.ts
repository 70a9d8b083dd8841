// What a portal sets: attributes on the element, or data-* as on the script tag.
import type { Language, Options, Theme } from "../shared/protocol";

const WORDS = {
  zh: {
    name: "有据问答",
    opening: "正在打开……",
    failed: "现在打不开问答，请稍后再试。",
    busy: "现在询问的人较多，请稍后再试。",
    again: "再试一次",
    close: "关闭",
  },
  en: {
    name: "Cited answers",
    opening: "Opening…",
    failed: "The assistant cannot be reached just now. Please try again later.",
    busy: "Many people are asking just now. Please try again shortly.",
    again: "Try again",
    close: "Close",
  },
};

export const words = (lang: Language) => WORDS[lang];

export function read(element: HTMLElement, name: string): string {
  return (element.getAttribute(name) ?? element.getAttribute(`data-${name}`) ?? "").trim();
}

export function inline(element: HTMLElement): boolean {
  return read(element, "mode") === "inline";
}

// `auto` is the page's own language, then the reader's.
export function language(element: HTMLElement): Language {
  const asked = [read(element, "lang"), document.documentElement.lang, ...navigator.languages];
  const known = asked.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "zh" || tag === "en");
  return (known as Language | undefined) ?? "en";
}

export function theme(element: HTMLElement): Theme {
  const asked = read(element, "theme");
  return asked === "light" || asked === "dark" ? asked : "auto";
}

export function options(element: HTMLElement): Options {
  const style = getComputedStyle(element);
  const property = (name: string) => style.getPropertyValue(`--wfc-${name}`).trim();
  return {
    lang: language(element),
    theme: theme(element),
    mode: inline(element) ? "inline" : "launcher",
    title: read(element, "title"),
    greeting: read(element, "greeting"),
    suggestions: list(read(element, "suggestions"), /\n/),
    documents: list(read(element, "documents"), /[\s,]+/),
    accent: property("accent"),
    radius: property("radius"),
    font: property("font"),
  };
}

// A JSON list, else what `gap` separates.
function list(text: string, gap: RegExp): string[] {
  let items: unknown = null;
  try {
    items = JSON.parse(text);
  } catch {
    // Plain text: one a line.
  }
  const parts = Array.isArray(items) ? items.map(String) : text.split(gap);
  return parts.map((part) => part.trim()).filter(Boolean);
}
