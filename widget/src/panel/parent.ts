// The page around us: heard only from its own window, and only from an origin that our server lists.
import { sealed, unsealed, type ToLoader, type ToPanel } from "../shared/protocol";

const origins = new Set((document.body.dataset["origins"] ?? "").split(/\s+/).filter(Boolean));
// Known once it has said hello; until then nothing is told to anyone.
let origin = "";

export const embedded = () => origin !== "";

export function listen(hear: (message: ToPanel) => void): void {
  addEventListener("message", (event) => {
    if (window.parent === window || event.source !== window.parent || !origins.has(event.origin)) return;
    const message = unsealed<ToPanel>(event.data);
    if (!message) return;
    origin = event.origin;
    hear(message);
  });
}

export function tell(message: ToLoader): void {
  if (origin) window.parent.postMessage(sealed(message), origin);
}
