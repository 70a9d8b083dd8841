// The chat's behaviour. Gradio carries requests and replies; all text arrives escaped from the server.
import { copy, exportAll, giveReason, giveVerdict, receipt } from "./closing.js";
import { countFilters, fault, hint, keepDraft } from "./composer.js";
import { ask, busy, connect, connectStop, receive, startAnew, stop } from "./conversation.js";
import { check, edit, leave, submit } from "./editor.js";
import { $, turns, wide } from "./page.js";
import { closePanel, openPanel, panelOpen } from "./panel.js";

// Gradio guesses its address from proxy headers; the address this page came from cannot be wrong.
if (window.gradio_config) window.gradio_config.root = new URL(".", document.baseURI).href.replace(/\/$/, "");

const doings = {
  example: (button) => ask(button.textContent),
  copy,
  receipt,
  edit,
  "leave-editor": () => leave(),
  export: exportAll,
  new: () => { if (panelOpen()) closePanel(); startAnew(); },
  verdict: giveVerdict,
  "close-panel": closePanel,
  last: () => turns().at(-1)?.focus(),
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-panel]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (link && plain) {
    event.preventDefault();
    openPanel(link);
    return;
  }
  if (event.target.id === "app" && panelOpen()) closePanel();
  if (event.target.closest("#send") && busy()) {
    event.preventDefault();
    // The second click of a double click on "send" is no wish to stop.
    if (event.detail < 2) stop();
  }
  // The page's <base> would send "#question" elsewhere behind some proxies.
  const skip = event.target.closest("a.skip");
  if (skip) {
    event.preventDefault();
    if (!skip.dataset.do) $("question").focus();
  }
  const doing = event.target.closest("[data-do]");
  if (doing) doings[doing.dataset.do]?.(doing);
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.id === "composer") {
    leave(false);
    ask($("question").value);
  } else if (event.target.matches(".editor")) submit(event.target);
  else if (event.target.matches(".reason")) giveReason(event.target);
});

document.addEventListener("keydown", (event) => {
  const written = event.target.matches("#question, #edited");
  if (event.key === "Escape" && event.target.closest(".editor")) {
    // Escape first closes an input method's candidates.
    if (!event.isComposing) leave();
  } else if (event.key === "Escape" && panelOpen()) {
    event.preventDefault();
    closePanel();
  }
  // Enter that confirms an input method's candidate is not a question sent.
  if (event.key === "Enter" && written && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "edited") check(event.target);
  else if (event.target.closest("#composer")) hint(fault($("question").value));
});
document.addEventListener("change", countFilters);
document.addEventListener("reset", keepDraft);

window.wfcChat = {
  connect(trigger) {
    connect(trigger);
    window.wfcPrefs.apply();
    $("app").dataset.ready = "";
    if (wide.matches) $("question").focus();
  },
  connectStop,
  receive,
};
