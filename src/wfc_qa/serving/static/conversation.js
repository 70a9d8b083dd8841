// Turns: asked, shown part by part as the server proves them, stopped, given up, kept and restored.
import { hint, filters, refusal } from "./composer.js";
import { $, announce, answered, calm, clone, closings, fallSilent, keep, kept, says, turns, wide } from "./page.js";

const FIRST_REPLY_TIMEOUT_MS = 15_000;
// The server is heard from every second, however long a model takes.
const REPLY_TIMEOUT_MS = 60_000;
const HISTORY = 6;
let send = null;
let cancel = null;
let pending = null;
let count = 0;

export const connect = (trigger) => { send = trigger; restore(); };
export const connectStop = (trigger) => { cancel = trigger; };
export const busy = () => pending !== null;

const understood = (turn) => JSON.parse(turn.querySelector(".closing").dataset.feedback).understood;

export function ask(question) {
  if (!send || pending) return;
  hint(refusal(question));
  if (refusal(question)) return;
  const turn = newTurn(question);
  $("turns").append(turn);
  keep("draft", question);
  $("question").value = "";
  $("filters").open = false;
  if (!wide.matches) $("question").blur();
  begin(turn, question, turns().slice(0, -1));
}

// The edited question takes the place of its turn, which comes back should nothing be answered.
export function askInstead(replaced, question, onItsOwn) {
  const turn = newTurn(question);
  const before = onItsOwn ? [] : turns().slice(0, turns().indexOf(replaced));
  replaced.after(turn);
  replaced.hidden = true;
  begin(turn, question, before, replaced);
  turn.focus({ preventScroll: true });
}

export function receive(reply) {
  if (!pending || reply?.turn !== pending.turn.id) return;
  restartTimer(REPLY_TIMEOUT_MS);
  show(reply.parts);
  if (reply.done) finish();
}

export function stop() {
  if (!pending) return;
  cancel?.();
  abandon("stopped");
}

export function startAnew() {
  stop();
  fallSilent();
  for (const turn of turns()) turn.remove();
  keep("turns", "");
  showTools();
  $("question").focus();
}

function newTurn(question) {
  const turn = clone("turn");
  turn.id = `turn-${++count}`;
  turn.querySelector(".words").textContent = question;
  return turn;
}

function begin(turn, question, before, replaced = null) {
  const words = turn.querySelector(".words");
  if (words.scrollHeight > words.clientHeight) words.tabIndex = 0;
  $("welcome").hidden = true;
  $("app").dataset.busy = "";
  fallSilent();
  turn.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
  pending = { turn, replaced, parts: [], told: new Set(), timer: null };
  restartTimer(FIRST_REPLY_TIMEOUT_MS);
  const history = before.filter(answered).slice(-HISTORY).map(understood);
  send({ turn: turn.id, question, history, filters: filters() });
}

function restartTimer(ms) {
  clearTimeout(pending.timer);
  pending.timer = setTimeout(() => abandon("no_reply"), ms);
}

// That the server took no question Gradio keeps to itself; the browser's record of its requests tells.
new PerformanceObserver((requests) => {
  const refused = requests.getEntries().some(
    (request) => [429, 503].includes(request.responseStatus) && request.name.includes("gradio_api/queue/join"));
  if (pending && refused) abandon("busy");
}).observe({ type: "resource" });

function show(parts) {
  const waiting = pending.turn.querySelector(".waiting");
  // A model's answer that failed half-way is told anew from its beginning.
  if (pending.parts.some((part, index) => part !== parts[index])) {
    while (waiting.previousSibling) waiting.previousSibling.remove();
    pending.parts = [];
  }
  for (const part of parts.slice(pending.parts.length)) {
    waiting.insertAdjacentHTML("beforebegin", part);
    waiting.classList.add("checking");
    waiting.innerHTML = says("checking");
  }
  pending.parts = parts;
  speak();
}

// Each sentence once, however often it is shown.
function speak() {
  for (const shown of pending.turn.querySelectorAll(":is(.sentence, .declined, .note)")) {
    const aloud = shown.cloneNode(true);
    for (const mark of aloud.querySelectorAll(".cite, svg")) mark.remove();
    if (!pending.told.has(aloud.innerHTML)) announce(aloud.innerHTML, shown.lang);
    pending.told.add(aloud.innerHTML);
  }
}

function abandon(key) {
  pending.turn.querySelector(".waiting").insertAdjacentHTML("beforebegin", `<p class="failure ${key}">${says(key)}</p>`);
  announce(says(key));
  finish();
}

function finish() {
  const { turn, replaced, timer } = pending;
  clearTimeout(timer);
  pending = null;
  delete $("app").dataset.busy;
  turn.querySelector(".waiting").remove();
  turn.querySelector(".answer").removeAttribute("aria-busy");
  if (answered(turn)) {
    replaced?.remove();
    if (!replaced) keep("draft", "");
  } else if (replaced) {
    replaced.hidden = false;
  } else {
    $("question").value ||= kept("draft");
  }
  showTools();
  keep("turns", turns().filter(answered).map((each) => each.outerHTML).join(""));
}

function showTools() {
  $("welcome").hidden = turns().length > 0;
  for (const button of document.querySelectorAll("[data-needs-turn]")) button.disabled = turns().length === 0;
}

// The conversation outlives a look at a document, a reload, and a restart of the server.
function restore() {
  $("turns").insertAdjacentHTML("beforeend", kept("turns"));
  $("question").value = kept("draft");
  count = Math.max(0, ...turns().map((each) => Number(each.id.slice("turn-".length))));
  showTools();
  turns().at(-1)?.scrollIntoView({ block: "start" });
}
