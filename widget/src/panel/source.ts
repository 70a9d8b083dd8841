// The document behind a citation, opened at its paragraph, with the words that prove the sentence marked.
import { announce, h, icon, iconButton, webAddress } from "./dom";
import { ADDRESS, t, tag } from "./messages";
import { call } from "./session";
import type { Document, Paragraph, Span } from "./wire";

// Paragraphs shown on either side at first, and with each "more".
const NEAR = 12;
const MORE = 40;
const kept = new Map<string, Document>();

export interface Place {
  doc_id: string;
  title: string;
  paragraph_id: string;
  quote: Span | null;
  verified: boolean;
}

const view = () => document.getElementById("source") as HTMLElement;
let opener: HTMLElement | null = null;
let opening: AbortController | null = null;

export const sourceOpen = () => !view().hidden;

export async function openSource(place: Place, from: HTMLElement): Promise<void> {
  opener = from;
  opening?.abort();
  const { signal } = (opening = new AbortController());
  const body = h("div", { class: "text" }, h("p", { class: "waiting", role: "status" }, t("opening_source")));
  const title = h("h2", { id: "source-title", dir: "auto" }, place.title);
  const bar = h("div", { class: "bar" }, iconButton("back", t("back"), closeSource), title);
  view().replaceChildren(bar, body);
  reveal(true);
  (bar.firstElementChild as HTMLElement).focus();
  try {
    const whole = kept.get(place.doc_id) ?? (await fetchDocument(place.doc_id, signal));
    kept.set(place.doc_id, whole);
    title.lang = tag(whole.language);
    if (!signal.aborted) show(whole, place, body);
  } catch {
    if (signal.aborted) return;
    const again = h("button", { type: "button", class: "plain", onclick: () => void openSource(place, from) }, t("again"));
    body.replaceChildren(h("p", { class: "failure", role: "alert" }, t("no_source")), again);
  }
}

export function closeSource(): void {
  opening?.abort();
  reveal(false);
  opener?.focus();
}

function reveal(shown: boolean): void {
  view().hidden = !shown;
  for (const id of ["top", "scroll", "composer"]) (document.getElementById(id) as HTMLElement).inert = shown;
}

async function fetchDocument(id: string, signal: AbortSignal): Promise<Document> {
  const response = await call(`api/v1/documents/${encodeURIComponent(id)}`, { signal });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as Document;
}

function show(whole: Document, place: Place, body: HTMLElement): void {
  const all = whole.paragraphs;
  const at = all.findIndex((paragraph) => paragraph.paragraph_id === place.paragraph_id);
  const shown = { from: Math.max(at - NEAR, 0), to: Math.min(Math.max(at, 0) + NEAR + 1, all.length) };
  const text = h("div", { lang: tag(whole.language) });
  const draw = (from: number, to: number) => all.slice(from, to).flatMap((paragraph, index) => block(paragraph, all[from + index - 1], whole.title, place));
  text.append(...draw(shown.from, shown.to));
  const earlier = more("earlier", () => {
    const from = Math.max(shown.from - MORE, 0);
    const before = body.scrollHeight;
    text.prepend(...draw(from, shown.from));
    body.scrollTop += body.scrollHeight - before;
    shown.from = from;
    earlier.hidden = from === 0;
  });
  const later = more("later", () => {
    const to = Math.min(shown.to + MORE, all.length);
    text.append(...draw(shown.to, to));
    shown.to = to;
    later.hidden = to === all.length;
  });
  earlier.hidden = shown.from === 0;
  later.hidden = shown.to === all.length;
  body.replaceChildren(facts(whole), earlier, text, later);
  const cited = text.querySelector<HTMLElement>(".cited");
  cited?.scrollIntoView({ block: "center", behavior: "instant" });
  // What shows beside the paragraph is said aloud too, with its words.
  if (cited) announce(`${place.verified ? `${t("verified")}: ` : ""}${cited.querySelector(".words")?.textContent ?? ""}`, tag(whole.language));
}

const more = (key: "earlier" | "later", act: () => void) => h("button", { type: "button", class: "plain more", onclick: act }, t(key));

function facts(whole: Document): HTMLElement {
  const address = webAddress(whole.source);
  return h(
    "p",
    { class: "facts" },
    ...[whole.publisher, whole.as_of && `${t("as_of")} ${whole.as_of}`].filter(Boolean).map((fact) => h("span", {}, fact as string)),
    address ? link(address, t("address")) : null,
  );
}

function block(paragraph: Paragraph, before: Paragraph | undefined, title: string, place: Place): HTMLElement[] {
  const cited = paragraph.paragraph_id === place.paragraph_id;
  const known = before?.headings ?? [];
  const fresh = paragraph.headings.findIndex((heading, level) => heading !== known[level]);
  const heads = fresh < 0 ? [] : paragraph.headings.slice(fresh).filter((heading) => heading !== title);
  const address = webAddress(paragraph.source);
  const text = cited ? marked(paragraph, place.quote) : [paragraph.text];
  const words = h("p", { class: "words", dir: "auto" }, ...text.flatMap((part) => (typeof part === "string" ? linked(part) : part)));
  const own = address && !paragraph.text.includes(address);
  return [
    ...heads.map((heading) => h("h3", {}, heading)),
    h(
      "div",
      { class: cited ? "paragraph cited" : "paragraph" },
      h("span", { class: "ordinal", "aria-hidden": "true" }, `¶${paragraph.ordinal}`),
      cited && place.verified && h("p", { class: "verified" }, icon("proved"), t("verified")),
      words,
      own && h("p", { class: "facts" }, link(address)),
    ),
  ];
}

// Addresses within a text are links where they stand.
function linked(text: string): (Node | string)[] {
  const found = text.match(ADDRESS) ?? [];
  return text.split(ADDRESS).flatMap((part, index) => (index ? [link(found[index - 1] as string), part] : [part]));
}

// Spans count code points and strings count code units, so the text is cut as code points.
function marked(paragraph: Paragraph, quote: Span | null): (Node | string)[] {
  const points = [...paragraph.text];
  const start = Math.max((quote?.start ?? 0) - paragraph.span.start, 0);
  const end = Math.min((quote?.end ?? 0) - paragraph.span.start, points.length);
  if (!quote || start >= end) return [paragraph.text];
  const cut = (from: number, to?: number) => points.slice(from, to).join("");
  return [cut(0, start), h("mark", {}, cut(start, end)), cut(end)];
}

const link = (address: string, text = address) => h("a", { href: address, target: "_blank", rel: "noopener noreferrer external" }, text);
