// The cited paragraph beside the answer.
import { $, address, wide } from "./page.js";

let opener = null;

export const panelOpen = () => $("panel")?.hidden === false;

export async function openPanel(link) {
  const panel = $("panel");
  let html;
  try {
    const response = await fetch(address(link.dataset.panel));
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

export function closePanel() {
  $("panel").hidden = true;
  $("app").classList.remove("with-panel");
  for (const element of document.querySelectorAll("[inert]")) element.inert = false;
  (opener?.isConnected ? opener : $("question")).focus();
}
