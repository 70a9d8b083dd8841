// A question edited where it stands: the reader's own, or the one it was understood as.
import { fault, hint, refusal } from "./composer.js";
import { askInstead, busy } from "./conversation.js";
import { $, clone } from "./page.js";

const open = () => document.querySelector("form.editor");

export function edit(button) {
  if (busy()) return;
  leave(false);
  const line = button.closest(".asked, .understood");
  const form = clone("editor");
  line.after(form);
  line.hidden = true;
  const field = form.elements.edited;
  field.value = line.querySelector("q, .words").textContent;
  field.focus();
  form.scrollIntoView({ block: "nearest" });
  field.setSelectionRange(field.value.length, field.value.length);
}

export function leave(back = true) {
  const form = open();
  if (!form) return;
  const line = form.previousElementSibling;
  form.remove();
  line.hidden = false;
  if (back) line.querySelector("[data-do=edit]").focus();
}

export function submit(form) {
  const question = form.elements.edited.value.trim();
  const refused = refusal(question);
  hint(refused, $("edited-hint"));
  if (refused || busy()) return;
  const line = form.previousElementSibling;
  const turn = line.closest(".turn");
  leave(false);
  // What was understood stands on its own; the reader's own words may lean on the turns before.
  askInstead(turn, question, line.matches(".understood"));
}

export const check = (field) => hint(fault(field.value), $("edited-hint"));
