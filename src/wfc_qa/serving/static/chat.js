// The chat's behaviour. Gradio carries requests and replies; all text arrives escaped from the server.
(() => {
  // Gradio guesses its address from proxy headers; the address this page came from cannot be wrong.
  if (window.gradio_config) window.gradio_config.root = new URL(".", document.baseURI).href.replace(/\/$/, "");

  const FIRST_REPLY_TIMEOUT_MS = 15_000;
  const REPLY_TIMEOUT_MS = 60_000;
  const HISTORY = 6;
  const $ = (id) => document.getElementById(id);
  const wide = matchMedia("(min-width: 60rem)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let send = null;
  let pending = null;
  let count = 0;
  let opener = null;

  const says = (key) => $("says").content.querySelector(`[data-key="${key}"]`).innerHTML;
  const announce = (html) => { $("status").innerHTML = html; };
  const hint = (key) => { $("hint").innerHTML = key ? says(key) : ""; };
  const keep = (key, value) => { try { sessionStorage.setItem("wfc-" + key, value); } catch { /* full or private */ } };
  const kept = (key) => { try { return sessionStorage.getItem("wfc-" + key) ?? ""; } catch { return ""; } };
  const turns = () => [...document.querySelectorAll(".turn")];
  const closings = () => [...document.querySelectorAll(".closing")];

  function filters() {
    const form = new FormData($("composer"));
    const chosen = { doc_ids: form.getAll("doc_ids") };
    for (const key of ["language", "published_from", "published_to"])
      if (form.get(key)) chosen[key] = form.get(key);
    return chosen;
  }

  function countFilters() {
    const { doc_ids, ...rest } = filters();
    const number = doc_ids.length + Object.keys(rest).length;
    $("filter-count").textContent = number ? ` · ${number}` : "";
  }

  // A string has no more code points than code units, so short ones need no count.
  function tooLong(question) {
    const most = Number($("app").dataset.maxChars);
    return question.length > most && (question.length > 2 * most || [...question].length > most);
  }

  // What can be said while the reader still writes; no words yet is no fault then.
  function fault() {
    if (tooLong($("question").value)) return "too_long";
    const { published_from, published_to } = filters();
    return published_from && published_to && published_from > published_to ? "dates_crossed" : "";
  }

  function ask(question) {
    if (!send || pending) return;
    const refused = fault() || (/[\p{L}\p{N}]/u.test(question) ? "" : "no_words");
    hint(refused);
    if (refused) return;
    const turn = $("turn").content.firstElementChild.cloneNode(true);
    turn.id = `turn-${++count}`;
    const words = turn.querySelector(".words");
    words.textContent = question;
    const history = closings().slice(-HISTORY).map((closing) => JSON.parse(closing.dataset.feedback).understood);
    $("turns").append(turn);
    if (words.scrollHeight > words.clientHeight) words.tabIndex = 0;
    $("welcome").hidden = true;
    keep("draft", question);
    $("question").value = "";
    $("filters").open = false;
    if (!wide.matches) $("question").blur();
    turn.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    pending = { turn, shown: 0, timer: setTimeout(giveUp, FIRST_REPLY_TIMEOUT_MS) };
    $("send").disabled = true;
    send({ turn: turn.id, question, history, filters: filters() });
  }

  function receive(reply) {
    if (!pending || reply?.turn !== pending.turn.id) return;
    const answer = pending.turn.querySelector(".answer");
    clearTimeout(pending.timer);
    pending.timer = setTimeout(giveUp, REPLY_TIMEOUT_MS);
    if (pending.shown === 0 && reply.parts.length) answer.replaceChildren();
    for (const part of reply.parts.slice(pending.shown)) answer.insertAdjacentHTML("beforeend", part);
    pending.shown = reply.parts.length;
    if (reply.done) finish();
  }

  function giveUp() {
    pending.turn.querySelector(".answer").innerHTML = `<p class="failure">${says("no_reply")}</p>`;
    announce(says("no_reply"));
    finish();
  }

  function finish() {
    const { turn, timer } = pending;
    clearTimeout(timer);
    pending = null;
    $("send").disabled = false;
    turn.querySelector(".answer").removeAttribute("aria-busy");
    const closing = turn.querySelector(".closing");
    if (closing) {
      $("status").textContent = closing.dataset.spoken;
      keep("draft", "");
    } else {
      $("question").value ||= kept("draft");
    }
    showTools();
    const answered = turns().filter((each) => each.querySelector(".closing"));
    keep("turns", answered.map((each) => each.outerHTML).join(""));
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

  async function openPanel(link) {
    const panel = $("panel");
    let html;
    try {
      const response = await fetch(new URL(link.dataset.panel, document.baseURI));
      if (!response.ok) throw new Error(response.status);
      html = await response.text();
    } catch {
      location.assign(link.href);
      return;
    }
    if (!panel.contains(link)) opener = link;
    panel.innerHTML = html;
    panel.hidden = false;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-modal", String(!wide.matches));
    panel.setAttribute("aria-labelledby", "panel-title");
    $("app").classList.add("with-panel");
    for (const element of document.querySelectorAll(".bar, .scroll, .composer")) element.inert = !wide.matches;
    panel.focus({ preventScroll: true });
    panel.scrollTop = 0;
    panel.querySelector(".cited").scrollIntoView({ block: "nearest" });
  }

  function closePanel() {
    $("panel").hidden = true;
    $("app").classList.remove("with-panel");
    for (const element of document.querySelectorAll("[inert]")) element.inert = false;
    (opener?.isConnected ? opener : $("question")).focus();
  }

  async function copy(button) {
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

  function flash(button) {
    button.classList.add("did");
    setTimeout(() => button.classList.remove("did"), 1500);
  }

  function exportAll() {
    const text = closings().map((closing) => closing.dataset.markdown).join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
    link.download = "wfc-qa.md";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  async function record(closing, reason) {
    const feedback = { ...JSON.parse(closing.dataset.feedback), verdict: closing.dataset.verdict, reason };
    if (closing.dataset.feedbackId) feedback.feedback_id = closing.dataset.feedbackId;
    try {
      const response = await fetch(new URL("api/v1/feedback", document.baseURI), {
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

  async function giveVerdict(button) {
    const closing = button.closest(".closing");
    closing.dataset.verdict = button.dataset.verdict;
    if (!(await record(closing, ""))) return;
    for (const each of closing.querySelectorAll("[data-verdict]"))
      each.setAttribute("aria-pressed", String(each === button));
    closing.querySelector(".reason").hidden = false;
    announce(says("thanks"));
  }

  async function giveReason(form) {
    if (!(await record(form.closest(".closing"), form.elements.reason.value.trim()))) return;
    form.innerHTML = `<p class="thanks">${says("thanks")}</p>`;
    announce(says("thanks"));
  }

  function startAnew() {
    if (pending) return;
    if (!$("panel").hidden) closePanel();
    for (const turn of turns()) turn.remove();
    keep("turns", "");
    showTools();
    $("question").focus();
  }

  const doings = {
    example: (button) => ask(button.textContent),
    copy,
    export: exportAll,
    new: startAnew,
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
    if (event.target.id === "app" && !$("panel").hidden) closePanel();
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
    if (event.target.id === "composer") ask($("question").value);
    else if (event.target.matches(".reason")) giveReason(event.target);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && $("panel")?.hidden === false) {
      event.preventDefault();
      closePanel();
    }
    // Enter that confirms an input method's candidate is not a question sent.
    if (event.key === "Enter" && event.target.id === "question" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $("composer").requestSubmit();
    }
  });

  document.addEventListener("input", (event) => { if (event.target.closest("#composer")) hint(fault()); });
  document.addEventListener("change", countFilters);
  // Clearing the filters resets their form, and the draft is in it.
  document.addEventListener("reset", () => {
    const draft = $("question").value;
    setTimeout(() => { $("question").value = draft; countFilters(); hint(fault()); });
  });

  window.wfcChat = {
    connect(trigger) {
      send = trigger;
      restore();
      window.wfcPrefs.apply();
      $("app").dataset.ready = "";
      if (wide.matches) $("question").focus();
    },
    receive,
  };
})();
