// One script tag puts one widget on the page; a second tag puts a second, with the first one's class.
import { Chat } from "./element";
import { inline } from "./options";

const NAME = "wfc-chat";
const own = "wfc-qa: the widget could not start";
const running = document.currentScript;
// An element that a reader of the portal wrote, with the name "currentScript", is none.
const script = running instanceof HTMLScriptElement ? running
  : document.querySelector<HTMLScriptElement>('script[src*="/widget/v1.js"]');

function insert(tag: HTMLScriptElement): void {
  const element = document.createElement(NAME) as Chat;
  element.base = home(tag);
  // A class of the host page's may hide or move what carries it, so only the options are taken over.
  for (const { name, value } of tag.attributes) if (name.startsWith("data-")) element.setAttribute(name, value);
  if (inline(element)) tag.after(element);
  // Beside the body, where no transform, filter or overflow of the page's own layout holds it.
  else document.documentElement.append(element);
}

const home = (tag: HTMLScriptElement) => new URL("../", tag.src);

function start(tag: HTMLScriptElement): void {
  if (!customElements.get(NAME)) {
    Chat.home = home(tag);
    customElements.define(NAME, Chat);
  }
  if (tag.dataset["manual"] !== undefined) return;
  if (document.body) insert(tag);
  else addEventListener("DOMContentLoaded", () => insert(tag), { once: true });
}

try {
  if (script) start(script);
} catch (error) {
  console.warn(own, error);
}
