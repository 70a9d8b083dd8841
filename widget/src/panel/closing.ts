// What a reader does with an answer: take it along with its sources, print it, say whether it helped.
import { cited } from "./answer";
import { announce, h, iconButton, webAddress } from "./dom";
import { plain, plainAddress } from "./markdown";
import { t } from "./messages";
import { call } from "./session";
import type { Answer } from "./wire";

const FLASH_MS = 1500;

export function closing(answer: Answer): HTMLElement {
  const judged = document.body.dataset["keep"] !== "nothing";
  const reason = h("form", { class: "reason", hidden: true, onsubmit: (event) => void sendReason(event) });
  const verdict = (value: "up" | "down") =>
    iconButton(value, t(value === "up" ? "good" : "bad"), (event) => void sendVerdict(value, event), { "aria-pressed": "false", "data-verdict": value });
  const row = h(
    "div",
    { class: "closing" },
    iconButton("copy", t("copy"), (event) => void copy(answer, event.currentTarget as HTMLElement)),
    iconButton("print", t("print"), () => window.print()),
    judged && verdict("up"),
    judged && verdict("down"),
    judged && reason,
  );
  const keepInSight = () => row.scrollIntoView({ block: "nearest" });
  let given = "";
  let feedbackId: string | undefined;

  async function record(why: string): Promise<boolean> {
    const { answer_id, generation } = answer.receipt;
    const { question, understood } = answer;
    const feedback = { feedback_id: feedbackId, answer_id, generation, question, understood, answer: spoken(answer), verdict: given, reason: why };
    try {
      const headers = { "Content-Type": "application/json" };
      const response = await call("api/v1/feedback", { method: "POST", headers, body: JSON.stringify(feedback) });
      if (!response.ok) throw new Error(String(response.status));
      feedbackId = String((await response.json()).feedback_id);
      said("thanks");
      return true;
    } catch {
      said("not_recorded");
      return false;
    }
  }

  const said = (key: "thanks" | "not_recorded") => {
    row.querySelector(".told")?.remove();
    reason.before(h("p", { class: "told" }, t(key)));
    announce(t(key));
  };

  async function sendVerdict(value: string, event: Event): Promise<void> {
    const pressed = event.currentTarget as HTMLElement;
    given = value;
    if (!(await record(""))) return;
    for (const each of row.querySelectorAll("[data-verdict]")) each.setAttribute("aria-pressed", String(each === pressed));
    if (!reason.hidden) return;
    reason.append(
      h("label", {}, h("span", {}, t("reason")), h("input", { name: "reason", maxlength: 2000, dir: "auto", autocomplete: "off" })),
      h("button", { type: "submit", class: "plain" }, t("reason_send")),
    );
    reason.hidden = false;
    keepInSight();
  }

  async function sendReason(event: Event): Promise<void> {
    event.preventDefault();
    const field = reason.elements.namedItem("reason") as HTMLInputElement;
    if (await record(field.value.trim())) reason.hidden = true;
  }

  return row;
}

const spoken = (answer: Answer) =>
  answer.abstention ? (answer.message ?? "") : answer.sentences.map((one) => one.text).join(answer.language === "zh" ? "" : " ");

export function withSources(answer: Answer): string {
  const lines = [plain(answer.question), ""];
  for (const { text, citations } of answer.sentences) lines.push(`${plain(text)} ${citations.map(({ marker }) => `[${marker}]`).join("")}`);
  if (answer.abstention) lines.push(plain(answer.message ?? ""));
  lines.push(...answer.notes.map((note) => plain(note.text)), "");
  for (const { marker, title, ordinal, source } of cited(answer)) {
    const address = webAddress(source) ? plainAddress(source) : plain(source);
    lines.push(`[${marker}] ${[plain(title), `¶${ordinal}`, address].filter(Boolean).join(" · ")}`);
  }
  return `${lines.join("\n").trim()}\n`;
}

async function copy(answer: Answer, button: HTMLElement): Promise<void> {
  const text = withSources(answer);
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Plain http, or a host page that does not delegate the clipboard to frames.
    const area = document.body.appendChild(h("textarea", { class: "vh" }));
    area.value = text;
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  announce(t(done ? "copied" : "copy_failed"));
  if (!done) return;
  button.classList.add("did");
  setTimeout(() => button.classList.remove("did"), FLASH_MS);
}
