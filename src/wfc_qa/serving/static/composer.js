// Where questions are written: the filters, and what is wrong with a question before it is sent.
import { $, says } from "./page.js";

export const hint = (key, line = $("hint")) => { line.innerHTML = key ? says(key) : ""; };

export function filters() {
  const form = new FormData($("composer"));
  const chosen = { doc_ids: form.getAll("doc_ids") };
  for (const key of ["language", "published_from", "published_to"])
    if (form.get(key)) chosen[key] = form.get(key);
  return chosen;
}

export function countFilters() {
  const { doc_ids, ...rest } = filters();
  const number = doc_ids.length + Object.keys(rest).length;
  $("filter-count").textContent = number ? ` · ${number}` : "";
}

// What can be said while the reader still writes; no words yet is no fault then.
export function fault(question) {
  if (tooLong(question)) return "too_long";
  const { published_from, published_to } = filters();
  return published_from && published_to && published_from > published_to ? "dates_crossed" : "";
}

export const refusal = (question) => fault(question) || (/[\p{L}\p{N}]/u.test(question) ? "" : "no_words");

// Clearing the filters resets their form, and the draft is in it.
export function keepDraft() {
  const draft = $("question").value;
  setTimeout(() => { $("question").value = draft; countFilters(); hint(fault(draft)); });
}

// A string has no more code points than code units, so short ones need no count.
function tooLong(question) {
  const most = Number($("app").dataset.maxChars);
  return question.length > most && (question.length > 2 * most || [...question].length > most);
}
