"use strict";
// Questions and documents are other people's words: they reach the page as text nodes only.
const { paragraphs, questions, verdicts } = JSON.parse(document.getElementById("data").textContent);
const PAGE = 50;
const list = document.getElementById("list");
const more = document.getElementById("more");
const form = document.getElementById("filters");
const LANGUAGES = { zh: "Chinese", en: "English" };
let found = [];
let shown = 0;

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const tongue = (code) => (code === "zh" ? "zh-Hans" : code);
const label = (place) => `${paragraphs[place].title} ¶${paragraphs[place].ordinal}`;
const haystack = (one) =>
  [one.id, one.text, one.note, ...one.history, ...one.parts.flatMap((part) => part.wordings),
    ...[...one.said, ...one.withheld].map((said) => said.text)].join("\n").toLowerCase();
const needles = new Map(questions.map((one) => [one, haystack(one)]));

function apply() {
  const { verdict, kind, lang, words } = Object.fromEntries(new FormData(form));
  const sought = words.trim().toLowerCase();
  found = questions.filter((one) =>
    (!verdict || one.verdict === verdict) && (!kind || one.kind === kind) && (!lang || one.lang === lang) &&
    (!sought || needles.get(one).includes(sought)));
  document.getElementById("count").textContent = `${found.length} of ${questions.length} questions`;
  for (const button of document.querySelectorAll("[data-verdict]"))
    button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
  list.replaceChildren();
  shown = 0;
  showMore();
}

function showMore() {
  list.append(...found.slice(shown, shown + PAGE).map(row));
  shown = Math.min(shown + PAGE, found.length);
  more.hidden = shown === found.length;
  more.textContent = `Show ${Math.min(PAGE, found.length - shown)} more`;
}

function row(one) {
  const node = make("details", { class: "question", id: `q-${one.id}` },
    make("summary", {},
      make("span", { class: "badge" }, make("i", { class: `dot ${one.verdict}` }), verdicts[one.verdict]),
      make("span", { class: "text", lang: tongue(one.lang) }, one.text),
      make("span", { class: "kind" }, `${one.kind.replaceAll("_", " ")} · ${one.id}`)));
  node.addEventListener("toggle", () => node.open && node.childElementCount === 1 && node.append(body(one)));
  return node;
}

function body(one) {
  const node = make("div", { class: "body" });
  const add = (title, ...children) => node.append(make("h3", {}, title), make("div", {}, ...children));
  const words = (text) => make("p", { lang: tongue(one.lang) }, text);
  add("Asked", ...one.history.map((text) => make("p", { class: "soft", lang: tongue(one.lang) }, text)), words(one.text));
  if (one.understood) add("Understood as", words(one.understood));
  add("Expected", ...expected(one));
  if (one.note) add("Why it is asked", make("p", {}, one.note));
  if (one.failed) add("Failed", make("p", {}, one.failed));
  else if (one.said.length) add("Answered", ...one.said.map(sentence(one)));
  else add("Declined", make("p", {}, [one.declined.replaceAll("_", " "), ...one.missing].filter(Boolean).join(": ") || "nothing was said"));
  if (one.withheld.length) add("Withheld", ...one.withheld.map(sentence(one)));
  if (one.notes.length) add("Noted", make("p", {}, one.notes.join(", ").replaceAll("_", " ")));
  add("Confidence", make("p", {}, `${(100 * one.confidence).toFixed(1)} %${one.ms ? ` · answered in ${Math.round(one.ms)} ms` : ""}`));
  add("Retrieved", retrieved(one));
  const listed = new Set(one.hits.map(([place]) => place));
  const unlisted = (places) => [...new Set(places)].filter((place) => !listed.has(place));
  const missed = unlisted(Object.keys(one.gold).map(Number));
  if (missed.length) add("Gold, not retrieved", make("ul", { class: "hits" }, ...missed.map((place) => hit(one, place))));
  const beside = unlisted([...one.said, ...one.withheld].flatMap((said) => said.cited)).filter((place) => !missed.includes(place));
  if (beside.length) add("Cited beside them", make("ul", { class: "hits" }, ...beside.map((place) => hit(one, place))));
  return node;
}

function expected(one) {
  if (!one.answerable) return [make("p", {}, "To decline: the collection does not hold the answer.")];
  if (!one.parts.length) return [make("p", {}, "Only where it is found is judged.")];
  return one.parts.map((part) => make("p", { class: part.met ? "met" : "unmet" },
    part.wordings.join(" / "), make("span", { class: "soft" }, part.met ? " (said)" : " (not said)")));
}

const sentence = (one) => (said) => make("p", {}, said.text,
  ...said.cited.map((place) => make("a", { class: "chip", href: `#${anchor(one, place)}` }, label(place))));

const anchor = (one, place) => `p-${one.id}-${place}`;

function retrieved(one) {
  if (!one.hits.length) return make("p", {}, "Nothing.");
  return make("ol", { class: "hits" }, ...one.hits.map(([place, score], index) => hit(one, place, index + 1, score)));
}

function hit(one, place, rank, score) {
  const grade = one.gold[place];
  const cited = [...one.said, ...one.withheld].some((said) => said.cited.includes(place));
  const node = make("details", { id: anchor(one, place) },
    make("summary", {},
      rank ? make("span", { class: "rank" }, `${rank}`) : null,
      make("span", { lang: tongue(paragraphs[place].lang) }, label(place)),
      grade ? make("span", { class: "tag gold" }, grade > 1 ? "gold" : "gold, in part") : null,
      cited ? make("span", { class: "tag" }, "cited") : null,
      score === undefined ? null : make("span", { class: "tag", title: "score of the fused ranking" }, score.toFixed(2))),
    make("p", { lang: tongue(paragraphs[place].lang) }, paragraphs[place].text));
  node.open = Boolean(grade || cited);
  return make("li", {}, node);
}

function fill(select, values, name) {
  for (const value of [...new Set(values)].sort()) select.append(make("option", { value }, name(value)));
}

function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id.startsWith("p-")) {
    const node = document.getElementById(id);
    if (node) node.open = true;
  } else if (id.startsWith("q-")) {
    const place = questions.findIndex((one) => `q-${one.id}` === id);
    if (place < 0) return;
    if (!document.getElementById(id)) {
      form.reset();
      apply();
      while (!document.getElementById(id)) showMore();
    }
    const node = document.getElementById(id);
    node.open = true;
    node.scrollIntoView();
  }
}

fill(form.elements.verdict, questions.map((one) => one.verdict), (value) => verdicts[value]);
fill(form.elements.kind, questions.map((one) => one.kind), (value) => value.replaceAll("_", " "));
fill(form.elements.lang, questions.map((one) => one.lang), (value) => LANGUAGES[value] ?? value);
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", showMore);
window.addEventListener("hashchange", follow);
for (const button of document.querySelectorAll("[data-verdict]"))
  button.addEventListener("click", () => {
    const { verdict } = button.dataset;
    form.reset();
    form.elements.verdict.value = button.getAttribute("aria-pressed") === "true" ? "" : verdict;
    apply();
    document.getElementById("questions").scrollIntoView();
  });
apply();
follow();
