// <wfc-chat>: a launcher and its panel, or the panel alone as a block of the page.
import { css, inkOn, rgb } from "../shared/colour";
import { sealed, unsealed, type ToLoader, type ToPanel } from "../shared/protocol";
import { inline, language, options, read, theme, words } from "./options";
import { build, label, make, type Shell } from "./shell";
import { fetchTicket, type Ticket } from "./ticket";

const SMALL = matchMedia("(max-width: 480px), (max-height: 480px)");
const READY_MS = 20_000;
const OBSERVED = ["lang", "theme", "title", "position"];

export class Chat extends HTMLElement {
  static observedAttributes = OBSERVED.flatMap((name) => [name, `data-${name}`]);
  static home: URL;
  // Where this widget's service stands: the folder above the loader's own.
  base = Chat.home;
  #shell: Shell | null = null;
  #frame: HTMLIFrameElement | null = null;
  #ticket: Promise<Ticket> | null = null;
  #ready = false;
  #waiting: ToPanel[] = [];
  #timer = 0;
  #leaving: AbortController | null = null;

  connectedCallback(): void {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    const shell = (this.#shell ??= this.#build());
    addEventListener("message", (event) => this.#hear(event), { signal });
    SMALL.addEventListener("change", () => this.#fit(true), { signal });
    for (const kind of ["resize", "scroll"]) visualViewport?.addEventListener(kind, () => this.#fit(), { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint(), { signal });
    this.#paint();
    if (inline(this)) whenSeen(this, () => this.#load(), signal);
    else if (shell.panel.hasAttribute("open")) this.#load();
    else if ((this.hasAttribute("open") || this.dataset["open"] !== undefined) && !SMALL.matches) this.#show(false);
  }

  disconnectedCallback(): void {
    this.#leaving?.abort();
    this.#drop();
  }

  attributeChangedCallback(name: string): void {
    if (!this.#shell) return;
    this.#paint();
    if (name.endsWith("theme")) this.#tell({ type: "theme", theme: theme(this) });
  }

  open(): void {
    this.#show(true);
  }

  close(): void {
    const shell = this.#shell;
    if (!shell || !this.#isOpen()) return;
    // Focus goes back only from where it would otherwise be lost.
    const inside = shell.panel.contains(this.shadowRoot?.activeElement ?? null);
    if (shell.panel instanceof HTMLDialogElement) shell.panel.close();
    this.#closed(inside);
  }

  ask(question: string): void {
    this.#show(true);
    this.#tell({ type: "ask", question: String(question) });
  }

  #build(): Shell {
    const shell = build(this.attachShadow({ mode: "open" }), inline(this));
    shell.launcher.addEventListener("click", () => (this.#isOpen() ? this.close() : this.#show(true)));
    shell.close.addEventListener("click", () => this.close());
    shell.again.addEventListener("click", () => {
      this.#drop();
      this.#load();
      shell.panel.focus();
    });
    shell.outer.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#isOpen()) return;
      event.preventDefault();
      this.close();
    });
    // A full-screen dialog takes Escape before any key handler.
    shell.panel.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    // Nor does a browser ask us before it closes one at the second press, or at a phone's back button.
    shell.panel.addEventListener("close", () => this.#closed(true));
    return shell;
  }

  #closed(inside: boolean): void {
    const { launcher } = this.#shell as Shell;
    if (this.#isOpen() || launcher.getAttribute("aria-expanded") === "false") return;
    launcher.setAttribute("aria-expanded", "false");
    if (inside) launcher.focus({ preventScroll: true });
    this.#say("close");
  }

  #paint(): void {
    const shell = this.#shell as Shell;
    const place = read(this, "position") || "bottom-right";
    shell.outer.className = "shell";
    shell.outer.classList.add(theme(this), ...place.split("-").filter((side) => /^[a-z]+$/.test(side)));
    label(shell, language(this), read(this, "title"));
    shell.outer.classList.toggle("ready", this.#ready);
    const accent = rgb(getComputedStyle(this).getPropertyValue("--wfc-accent").trim(), shell.outer);
    for (const name of ["--on", "--dot"])
      if (accent) shell.outer.style.setProperty(name, css(inkOn(accent)));
      else shell.outer.style.removeProperty(name);
    this.#fit();
  }

  #isOpen(): boolean {
    return this.#shell?.panel.hasAttribute("open") ?? false;
  }

  #show(byReader: boolean): void {
    const shell = this.#shell;
    if (!shell) return;
    const { panel } = shell;
    this.#load();
    if (panel instanceof HTMLDialogElement && !panel.open) {
      this.#place(panel);
      shell.launcher.setAttribute("aria-expanded", "true");
      this.#say("open");
    }
    if (!byReader) return;
    panel.focus({ preventScroll: true });
    this.#tell({ type: "open" });
    if (this.#ready) this.#frame?.focus({ preventScroll: true });
  }

  // On a phone the panel is the whole screen and what lies behind it is out of reach.
  #place(panel: HTMLDialogElement): void {
    if (SMALL.matches) panel.showModal();
    else panel.setAttribute("open", "");
    this.#fit();
  }

  #fit(turned = false): void {
    const shell = this.#shell;
    if (!shell) return;
    const { panel, outer } = shell;
    outer.classList.toggle("full", SMALL.matches);
    if (turned && panel instanceof HTMLDialogElement && panel.open) {
      panel.close();
      this.#place(panel);
      this.#frame?.focus({ preventScroll: true });
    }
    // The on-screen keyboard shrinks only what is seen; a pinch does so too, but is to be left alone.
    const seen = visualViewport;
    const shrunk = SMALL.matches && seen && Math.abs(seen.scale - 1) < 0.01;
    outer.style.setProperty("--seen-height", shrunk ? `${seen.height}px` : "100dvh");
    outer.style.setProperty("--seen-top", shrunk ? `${seen.offsetTop}px` : "0px");
  }

  #load(): void {
    const shell = this.#shell;
    if (!shell || this.#frame) return;
    const { lang, theme: shade, title } = options(this);
    const site = read(this, "site");
    shell.line.textContent = words(lang).opening;
    shell.again.hidden = true;
    this.#ticket = fetchTicket(this.base, site);
    const address = new URL("widget/panel", this.base);
    address.search = String(new URLSearchParams({ site, lang, theme: shade }));
    const frame = make("iframe", { src: address.href, allow: "clipboard-write", title: title || words(lang).name });
    frame.addEventListener("load", () => void this.#greet());
    this.#frame = frame;
    this.#timer = setTimeout(() => this.#fail(), READY_MS);
    shell.panel.append(frame);
    void this.#ticket.then(({ ticket, retry_s }) => {
      if (ticket === null && !this.#ready && this.#frame === frame) this.#fail(retry_s !== undefined);
    });
  }

  // Each load of the frame, and each session that has run out, takes a ticket of its own.
  async #greet(): Promise<void> {
    const frame = this.#frame;
    const ticket = await (this.#ticket ?? fetchTicket(this.base, read(this, "site")));
    this.#ticket = null;
    if (frame !== this.#frame || (ticket.ticket === null && !this.#ready)) return;
    this.#post({ type: "hello", ...ticket, options: options(this) });
  }

  #fail(busy = false): void {
    const shell = this.#shell;
    if (!shell || this.#ready) return;
    this.#drop();
    const said = words(language(this));
    shell.line.textContent = busy ? said.busy : said.failed;
    shell.again.hidden = false;
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = null;
    this.#ticket = null;
    this.#ready = false;
    this.#shell?.outer.classList.remove("ready");
  }

  #hear({ source, origin, data }: MessageEvent): void {
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.base.origin) return;
    const message = unsealed<ToLoader>(data);
    if (message?.type === "ready") this.#welcome();
    else if (message?.type === "ticket") void this.#greet();
    else if (message?.type === "close") this.close();
    else if (message?.type === "resize") this.#shell?.outer.style.setProperty("--grown", `${Number(message.height) || 320}px`);
    else if (message?.type === "answer") {
      const { question, abstention, sentences } = message;
      this.#say("answer", { question, abstention, sentences });
    }
  }

  #welcome(): void {
    if (this.#ready) return;
    this.#ready = true;
    clearTimeout(this.#timer);
    this.#shell?.outer.classList.add("ready");
    for (const message of this.#waiting.splice(0)) this.#post(message);
    // The frame takes over the focus that the panel held while it loaded.
    if (this.shadowRoot?.activeElement === this.#shell?.panel) this.#frame?.focus({ preventScroll: true });
    this.#say("ready");
  }

  #tell(message: ToPanel): void {
    if (this.#ready) this.#post(message);
    else if (message.type !== "theme") this.#waiting.push(message);
  }

  #post(message: ToPanel): void {
    this.#frame?.contentWindow?.postMessage(sealed(message), this.base.origin);
  }

  #say(what: string, detail: unknown = null): void {
    this.dispatchEvent(new CustomEvent(`wfc-${what}`, { bubbles: true, composed: true, detail }));
  }
}

function whenSeen(element: Element, act: () => void, signal: AbortSignal): void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    act();
  }, { rootMargin: "200px" });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
}
