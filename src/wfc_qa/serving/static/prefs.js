// Interface language and theme: the browser's until chosen by hand, then remembered.
(() => {
  const root = document.documentElement;
  const recall = (key) => { try { return localStorage.getItem("wfc-" + key); } catch { return null; } };
  const remember = (key, value) => { try { localStorage.setItem("wfc-" + key, value); } catch { /* private mode */ } };
  const system = matchMedia("(prefers-color-scheme: dark)");

  const theme = () => recall("theme") ?? (system.matches ? "dark" : "light");
  const language = () => recall("ui") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

  const apply = () => {
    root.dataset.theme = theme();
    root.dataset.ui = language();
    root.lang = root.dataset.ui === "zh" ? "zh-Hans" : "en";
    document.body?.classList.toggle("dark", root.dataset.theme === "dark");
    for (const element of document.querySelectorAll("[data-zh]")) {
      const text = element.dataset[root.dataset.ui];
      if (element.tagName === "TEXTAREA") element.placeholder = text;
      else element.textContent = text;
    }
  };

  document.addEventListener("click", (event) => {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (what === "language") remember("ui", root.dataset.ui === "zh" ? "en" : "zh");
    else if (what === "theme") remember("theme", root.dataset.theme === "dark" ? "light" : "dark");
    else return;
    apply();
  });
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  window.wfcPrefs = { apply };
  apply();
})();
