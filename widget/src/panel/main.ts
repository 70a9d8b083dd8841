// The panel page: a greeting, the conversation, a box to write in, and a view for sources.
import "./panel.css";
import type { Language, Options } from "../shared/protocol";
import { ask, busy, only, startAnew, stop, turns } from "./conversation";
import { h, hidden, icon, iconButton } from "./dom";
import { dress, wear } from "./look";
import { languageOf, speak, t, tag } from "./messages";
import { listen, tell } from "./parent";
import { redeem } from "./session";
import { closeSource, sourceOpen } from "./source";

const page = document.body.dataset;
const touch = matchMedia("(pointer: coarse)");
const mostChars = Number(page["maxChars"]) || 500;
let drawn = false;

const $ = (id: string) => document.getElementById(id) as HTMLElement;
const box = () => $("question") as HTMLTextAreaElement;

function draw(options: Options): void {
  drawn = true;
  speak(options.lang);
  dress(options);
  only(options.documents);
  const title = options.title || t("brand");
  document.title = title;
  const header = h(
    "header",
    { id: "top", class: "bar" },
    h("p", { class: "brand" }, title),
    iconButton("fresh", t("fresh"), () => (startAnew(), begun(false), box().focus()), { id: "fresh", hidden: true }),
    options.mode === "launcher" && window.parent !== window && iconButton("close", t("close"), () => tell({ type: "close" }), { id: "close" }),
  );
  const main = h("main", { id: "scroll" }, welcome(options), h("h1", { id: "talk", class: "vh", hidden: true }, t("conversation")), h("section", { id: "turns", "aria-label": t("conversation") }));
  const view = h("section", { id: "source", role: "dialog", "aria-labelledby": "source-title", hidden: true });
  document.body.replaceChildren(header, main, composer(), view, h("div", { id: "status", class: "vh", role: "status", "aria-atomic": "false" }));
  connection();
  measure();
}

function welcome({ greeting, suggestions }: Options): HTMLElement {
  const examples = suggestions.map((text) =>
    h("li", {}, h("button", { type: "button", lang: tag(languageOf(text)), dir: "auto", onclick: () => submit(text) }, text)),
  );
  return h(
    "section",
    { id: "welcome" },
    h("h1", { tabindex: -1 }, greeting || t("tagline")),
    h("p", {}, t("promise")),
    examples.length > 0 && h("h2", {}, t("examples")),
    examples.length > 0 && h("ul", { class: "examples" }, ...examples),
  );
}

function composer(): HTMLElement {
  const field = h("textarea", {
    id: "question", rows: 1, dir: "auto", enterkeyhint: "send", placeholder: t("placeholder"), "aria-describedby": "hint",
    oninput: () => (hint(""), grow()),
    onkeydown: (event) => {
      const { key, shiftKey, isComposing } = event as KeyboardEvent;
      if (key !== "Enter" || shiftKey || isComposing) return;
      event.preventDefault();
      if (!busy()) submit(field.value);
    },
  });
  const onsubmit = (event: Event) => {
    event.preventDefault();
    if (busy()) stop();
    else submit(field.value);
  };
  const send = h(
    "button",
    { type: "submit", class: "send" },
    h("span", { class: "idle" }, icon("send"), hidden(t("send"))),
    h("span", { class: "running" }, icon("stop"), hidden(t("stop"))),
  );
  const label = h("label", { class: "vh", for: "question" }, t("question"));
  return h("form", { id: "composer", "aria-label": t("question"), autocomplete: "off", onsubmit }, h("p", { id: "offline", role: "status" }), h("p", { id: "hint", role: "alert" }), h("div", { class: "ask" }, label, field, send));
}

function submit(text: string): void {
  const question = text.trim();
  if (busy()) return;
  if ([...question].length > mostChars) return hint(t("too_long", mostChars));
  if (!/[\p{L}\p{N}]/u.test(question)) return hint(t("no_words"));
  hint("");
  if (sourceOpen()) closeSource();
  const field = box();
  if (field.value.trim() === question) field.value = "";
  grow();
  // On a phone the keyboard would hide the answer.
  if (touch.matches) field.blur();
  else field.focus({ preventScroll: true });
  // What greets gives way first, lest the turn be scrolled to where it then no longer stands.
  begun(true);
  void ask(question);
}

const hint = (text: string): void => void ($("hint").textContent = text);

function begun(talk: boolean): void {
  $("welcome").hidden = talk;
  $("talk").hidden = !talk;
  $("fresh").hidden = !talk;
}

// Browsers that know `field-sizing` need no help.
function grow(): void {
  if (CSS.supports("field-sizing", "content")) return;
  const field = box();
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function connection(): void {
  const show = () => void ($("offline").textContent = navigator.onLine ? "" : t("offline"));
  for (const kind of ["online", "offline"]) addEventListener(kind, show);
  show();
}

// An inline block is as high as what it holds, up to what its page allows.
function measure(): void {
  const inner = ["welcome", "turns"].map($);
  const outer = ["top", "composer"].map($);
  let told = 0;
  const observer = new ResizeObserver(() => {
    const height = [...inner, ...outer].reduce((sum, part) => sum + part.offsetHeight, 2);
    if (height !== told) tell({ type: "resize", height: (told = height) });
  });
  for (const part of [...inner, ...outer]) observer.observe(part);
}

// On a phone only a tap on the box should call up the keyboard.
function takeFocus(): void {
  if (sourceOpen()) $("source").querySelector<HTMLElement>("button")?.focus();
  else if (touch.matches) (turns().querySelector<HTMLElement>(".turn:last-child") ?? document.querySelector("h1"))?.focus({ preventScroll: true });
  else box().focus({ preventScroll: true });
}

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || !drawn) return;
  event.preventDefault();
  if (sourceOpen()) closeSource();
  else tell({ type: "close" });
});

listen((message) => {
  if (message.type === "hello") {
    redeem(message.ticket, message.retry_s);
    if (drawn) return;
    draw(message.options);
    tell({ type: "ready" });
  } else if (!drawn) return;
  else if (message.type === "ask") submit(String(message.question));
  else if (message.type === "open") takeFocus();
  else if (message.type === "theme") wear(message.theme);
});

// Served with a ticket, the page stands alone in a frame that no script greets.
if (page["ticket"]) {
  const asked = page["lang"];
  const lang: Language = asked === "zh" || asked === "en" ? asked : navigator.language.startsWith("zh") ? "zh" : "en";
  const theme = page["theme"];
  redeem(page["ticket"]);
  draw({
    lang, theme: theme === "light" || theme === "dark" ? theme : "auto", mode: "inline",
    title: "", greeting: "", suggestions: [], documents: [], accent: "", radius: "", font: "",
  });
}
