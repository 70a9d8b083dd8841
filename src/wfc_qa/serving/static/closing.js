// What a reader does with an answer: copy, export, its receipt, a verdict.
import { address, announce, closings, save, says } from "./page.js";

export async function copy(button) {
  const text = button.closest(".closing").dataset.markdown;
  try {
    await navigator.clipboard.writeText(text);
    announce(says("copied"));
  } catch {
    // Plain http on a portal's intranet has no clipboard API.
    const area = document.body.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    announce(says(document.execCommand("copy") ? "copied" : "copy_failed"));
    area.remove();
    button.focus();
  }
  flash(button);
}

export function receipt(button) {
  const closing = button.closest(".closing");
  const { answer_id } = JSON.parse(closing.dataset.feedback);
  save(closing.querySelector("template.receipt").content.textContent, "application/json", `wfc-qa-${answer_id}.json`);
  flash(button);
}

export function exportAll() {
  save(closings().map((closing) => closing.dataset.markdown).join("\n"), "text/markdown", "wfc-qa.md");
}

export async function giveVerdict(button) {
  const closing = button.closest(".closing");
  closing.dataset.verdict = button.dataset.verdict;
  if (!(await record(closing, ""))) return;
  for (const each of closing.querySelectorAll("[data-verdict]"))
    each.setAttribute("aria-pressed", String(each === button));
  closing.querySelector(".reason").hidden = false;
  announce(says("thanks"));
}

export async function giveReason(form) {
  if (!(await record(form.closest(".closing"), form.elements.reason.value.trim()))) return;
  form.innerHTML = `<p class="thanks">${says("thanks")}</p>`;
  announce(says("thanks"));
}

async function record(closing, reason) {
  const feedback = { ...JSON.parse(closing.dataset.feedback), verdict: closing.dataset.verdict, reason };
  if (closing.dataset.feedbackId) feedback.feedback_id = closing.dataset.feedbackId;
  try {
    const response = await fetch(address("api/v1/feedback"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(feedback),
    });
    if (!response.ok) throw new Error(response.status);
    closing.dataset.feedbackId = (await response.json()).feedback_id;
    return true;
  } catch {
    announce(says("not_recorded"));
    return false;
  }
}

function flash(button) {
  button.classList.add("did");
  setTimeout(() => button.classList.remove("did"), 1500);
}
