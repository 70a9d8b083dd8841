// An answer's parts as elements: sentences with their citations, notes, the proof line, sources, or a decline.
import { h, hidden, icon, webAddress } from "./dom";
import { languageOf, t, tag, type Key } from "./messages";
import { openSource, type Place } from "./source";
import type { Answer, Citation, Hit, Sentence } from "./wire";

const NEAREST = 3;
const EXCERPT_CHARS = 140;
// "(Source: https://…", the mark that a paragraph of the collection ends with.
const SOURCE = /[(（][^()（）]{0,40}https?:.*$/s;

export function understood(question: string): HTMLElement {
  return h("p", { class: "understood" }, `${t("understood")} `, h("q", { lang: tag(languageOf(question)), dir: "auto" }, question));
}

export function sentence({ text, support, citations }: Sentence): HTMLElement {
  const language = languageOf(text);
  const proved = support === "supported";
  // A word joiner keeps a number from standing alone on the next line.
  const cites = citations.flatMap((citation) => ["\u2060", chip(citation, language, proved)]);
  return h("p", { class: "sentence", dir: "auto", lang: tag(language) }, text, ...cites);
}

function chip(citation: Citation, shown: "zh" | "en", verified: boolean): HTMLElement {
  const own = languageOf(citation.text);
  const other = own !== shown;
  const button = h(
    "button",
    { type: "button", class: "cite", title: citation.title, onclick: () => void openSource(at(citation, verified), button) },
    hidden(`${t("source")} `),
    String(citation.marker),
    other && h("span", { class: "other", "aria-hidden": "true" }, t(`short_${own}`)),
    other && hidden(` ${t(`in_${own}`)}`),
  );
  return button;
}

const at = ({ doc_id, title, paragraph_id, quote }: Citation, verified: boolean): Place => ({ doc_id, title, paragraph_id, quote, verified });

export function notes(answer: Answer): HTMLElement[] {
  return answer.notes.map(({ code, text }) => {
    const withheld = code.startsWith("withheld");
    return h("p", { class: withheld ? "note withheld" : "note", lang: tag(answer.language) }, withheld && icon("withheld"), h("span", {}, text));
  });
}

// How proved sentences came about; empty unless all of them were proved.
export function made(answer: Answer): "quoted" | "written" | "mixed" | "" {
  if (!answer.sentences.length || answer.sentences.some((one) => one.support !== "supported")) return "";
  if (!answer.receipt.llm) return "quoted";
  const quoted = new Set(answer.sentences.map(({ text, citations }) => citations[0]?.text.includes(text) ?? false));
  return quoted.size > 1 ? "mixed" : quoted.has(true) ? "quoted" : "written";
}

export function proof(answer: Answer): HTMLElement | null {
  const how = made(answer);
  if (!how) return null;
  return h(
    "details",
    { class: "proof" },
    h("summary", {}, icon("proved"), h("span", {}, t("proved")), h("span", { class: "made" }, t(`made_${how}` as Key))),
    h("p", {}, t(`proved_${how}` as Key)),
    h("p", {}, t("proved_what")),
  );
}

// Each cited paragraph once, by marker.
export function cited(answer: Answer): Citation[] {
  const first = new Map<number, Citation>();
  for (const one of answer.sentences) for (const citation of one.citations) if (!first.has(citation.marker)) first.set(citation.marker, citation);
  return [...first.values()].sort((a, b) => a.marker - b.marker);
}

// What says the same as a quoted paragraph in the other language stands with it.
export function sources(answer: Answer): HTMLElement[] {
  const how = made(answer);
  const all = cited(answer);
  const homes = new Map<number, number>();
  const alone = new Set<number>();
  for (const { citations } of answer.sentences) {
    const first = citations[0];
    for (const one of citations) {
      const twin = how === "quoted" && first && languageOf(one.text) !== languageOf(first.text);
      if (twin) homes.set(one.marker, homes.get(one.marker) ?? first.marker);
      else alone.add(one.marker);
    }
  }
  const home = ({ marker }: Citation) => (alone.has(marker) ? undefined : homes.get(marker));
  const line = (one: Citation) => entry(one.marker, at(one, how !== ""), `¶${one.ordinal}`, one.source, "", home(one) !== undefined);
  const entries = all.filter((one) => home(one) === undefined).flatMap((one) => [one, ...all.filter((twin) => home(twin) === one.marker)].map(line));
  return entries.length ? [h("h3", {}, t("sources")), h("ol", { class: "sources" }, ...entries)] : [];
}

export function declined(answer: Answer): HTMLElement[] {
  const nearest = [...new Map(answer.hits.toReversed().map((hit) => [hit.paragraph_id, hit])).values()].reverse().slice(0, NEAREST);
  const place = (hit: Hit): Place => ({ doc_id: hit.doc_id, title: hit.title, paragraph_id: hit.paragraph_id, quote: null, verified: false });
  const list = h("ol", { class: "sources nearest" }, ...nearest.map((hit, index) => entry(index + 1, place(hit), "", "", excerpt(hit.text))));
  return [
    h("p", { class: "declined", lang: tag(answer.language) }, answer.message ?? ""),
    ...notes(answer),
    ...(nearest.length ? [h("h3", {}, t("nearest")), list] : []),
  ];
}

function entry(marker: number, place: Place, where: string, address: string, words = "", twin = false): HTMLElement {
  const language = tag(languageOf(place.title));
  const host = webAddress(address) ? new URL(address).hostname.replace(/^www\./, "") : "";
  const facts = [host, where].filter(Boolean).join(" · ");
  const button = h(
    "button",
    { type: "button", onclick: () => void openSource(place, button) },
    h("span", { class: "number" }, String(marker)),
    h(
      "span",
      { class: "about" },
      twin && h("span", { class: "also" }, t(`also_${languageOf(place.title)}`)),
      h("span", { class: "title", lang: language }, place.title),
      words && h("span", { class: "excerpt", lang: tag(languageOf(words)), dir: "auto" }, words),
      facts && h("span", { class: "facts", "data-address": address || undefined }, facts),
    ),
  );
  return h("li", { class: twin ? "twin" : undefined }, button);
}

function excerpt(text: string): string {
  const points = [...text.replace(SOURCE, "").replace(/\s+/g, " ").trim()];
  return points.length <= EXCERPT_CHARS ? points.join("") : `${points.slice(0, EXCERPT_CHARS).join("").trimEnd()}…`;
}
