// What every part of the chat shares: its elements, its words, what it says aloud and what it remembers.
export const $ = (id) => document.getElementById(id);
export const wide = matchMedia("(min-width: 60rem)");
export const calm = matchMedia("(prefers-reduced-motion: reduce)");

export const says = (key) => $("says").content.querySelector(`[data-key="${key}"]`).innerHTML;
export const address = (path) => new URL(path, document.baseURI);
export const turns = () => [...document.querySelectorAll(".turn")];
export const closings = () => [...document.querySelectorAll(".closing")];
export const answered = (turn) => turn.querySelector(".closing") !== null;
export const clone = (id) => $(id).content.firstElementChild.cloneNode(true);

export const keep = (key, value) => { try { sessionStorage.setItem("wfc-" + key, value); } catch { /* full or private */ } };
export const kept = (key) => { try { return sessionStorage.getItem("wfc-" + key) ?? ""; } catch { return ""; } };

// The status line is a list that only additions are read from: nothing in it is read twice.
export function announce(html, lang = "") {
  const line = document.createElement("p");
  line.innerHTML = html;
  if (lang) line.lang = lang;
  $("status").append(line);
}
export const fallSilent = () => $("status").replaceChildren();

export function save(text, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
