// Turns: asked, shown sentence by sentence as they are proved, stopped, failed and asked again.
import { declined, notes, proof, sentence, sources, understood } from "./answer";
import { closing } from "./closing";
import { announce, calm, h, hidden } from "./dom";
import { languageOf, t, tag } from "./messages";
import { tell } from "./parent";
import { BusyError, SessionError } from "./session";
import { follow, ProblemError, type Listener } from "./stream";
import type { Answer } from "./wire";

const HISTORY = 6;
// Understood questions of the turns that were answered, oldest first.
const history: string[] = [];
let documents: string[] = [];
let running: AbortController | null = null;

export const turns = () => document.getElementById("turns") as HTMLElement;
export const busy = () => running !== null;
export const only = (ids: string[]) => (documents = ids);
export const stop = () => running?.abort();

export function startAnew(): void {
  stop();
  history.length = 0;
  turns().replaceChildren();
  document.getElementById("status")?.replaceChildren();
}

export async function ask(question: string): Promise<void> {
  if (running) return;
  const answer = h("div", { class: "answer", "aria-busy": "true" });
  const turn = h("article", { class: "turn", tabindex: -1 }, h("h2", { class: "question" }, hidden(t("you_asked")), h("span", { dir: "auto", lang: tag(languageOf(question)) }, question)), answer);
  turns().append(turn);
  turn.scrollIntoView({ block: "start", behavior: calm.matches ? "instant" : "smooth" });
  await attempt(question, answer);
}

async function attempt(question: string, place: HTMLElement): Promise<void> {
  const control = new AbortController();
  running = control;
  document.body.dataset["busy"] = "";
  const turn = new Turn(place);
  try {
    await follow({ question, history: history.slice(-HISTORY), filters: { doc_ids: documents } }, turn, control.signal);
  } catch (error) {
    if (control.signal.aborted) turn.close(t("stopped"), "stopped");
    else turn.fail(error, () => void retry(question, place));
  } finally {
    if (running === control) running = null;
    if (!running) delete document.body.dataset["busy"];
    place.removeAttribute("aria-busy");
  }
}

async function retry(question: string, place: HTMLElement): Promise<void> {
  if (running) return;
  place.setAttribute("aria-busy", "true");
  place.closest<HTMLElement>(".turn")?.focus();
  await attempt(question, place);
}

class Turn implements Listener {
  readonly #place: HTMLElement;
  readonly #waiting = h("p", { class: "waiting" }, h("i", { class: "pulse", "aria-hidden": "true" }), h("span", {}, t("searching")));
  #understood = "";
  #told = new Set<string>();
  #shown: string[] = [];

  constructor(place: HTMLElement) {
    this.#place = place;
    place.replaceChildren(this.#waiting);
  }

  understood(question: string): void {
    this.#say("checking");
    if (this.#understood) return;
    this.#understood = question;
    const asked = this.#place.parentElement?.querySelector(".question [dir]")?.textContent;
    if (question !== asked) this.#waiting.before(understood(question));
  }

  sentence(one: Parameters<Listener["sentence"]>[0]): void {
    this.#say("checking");
    this.#shown.push(one.text);
    this.#waiting.before(sentence(one));
    this.#aloud(one.text);
  }

  // Sentences already shown stay where they are: the reader may be on one of their citations.
  answer(answer: Answer): void {
    const shown = answer.sentences.slice(0, this.#shown.length).map((one) => one.text);
    if (shown.join("\n") !== this.#shown.join("\n")) this.restarted();
    this.understood(answer.understood);
    for (const one of answer.sentences.slice(this.#shown.length)) this.sentence(one);
    const rest = answer.abstention ? declined(answer) : [...notes(answer), proof(answer), ...sources(answer)];
    this.#waiting.replaceWith(...rest.filter((part) => part !== null), closing(answer));
    for (const text of [answer.abstention && answer.message, ...answer.notes.map((note) => note.text)]) this.#aloud(text ?? "");
    history.push(answer.understood);
    tell({ type: "answer", question: answer.question, abstention: answer.abstention, sentences: answer.sentences.length });
  }

  cut(): void {
    this.#say("resuming");
  }

  restarted(): void {
    this.#place.replaceChildren(this.#waiting);
    this.#understood = "";
    this.#shown = [];
  }

  close(text: string, kind: string, ...more: HTMLElement[]): void {
    this.#waiting.replaceWith(h("p", { class: kind }, text), ...more);
    announce(text);
  }

  fail(error: unknown, again: () => void): void {
    const button = h("button", { type: "button", class: "plain", onclick: again }, t("again"));
    if (error instanceof BusyError) this.#countDown(error.seconds, button);
    else if (error instanceof SessionError) this.close(t("no_session"), "failure", button);
    else if (error instanceof ProblemError) this.close(said(error), "failure", button);
    else this.close(t(navigator.onLine ? "no_reply" : "offline"), "failure", button);
  }

  // Said aloud once; the seconds run on silently.
  #countDown(seconds: number, button: HTMLButtonElement): void {
    this.close(t("busy", seconds), "failure busy", button);
    const line = button.previousElementSibling as HTMLElement;
    button.disabled = true;
    const until = Date.now() + seconds * 1000;
    const timer = setInterval(() => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0 && line.isConnected) line.textContent = t("busy", left);
      if (left > 0 && line.isConnected) return;
      clearInterval(timer);
      if (!line.isConnected) return;
      line.textContent = t("busy_over");
      announce(t("busy_over"));
      button.disabled = false;
    }, 250);
  }

  #say(key: "checking" | "resuming"): void {
    (this.#waiting.lastElementChild as HTMLElement).textContent = t(key);
  }

  #aloud(text: string): void {
    if (!text || this.#told.has(text)) return;
    this.#told.add(text);
    announce(text, tag(languageOf(text)));
  }
}

function said({ problem }: ProblemError): string {
  const status = problem.status ?? 0;
  return status >= 400 && status < 500 && problem.detail ? problem.detail : t("unexpected");
}
