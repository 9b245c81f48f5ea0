"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;

  // Light or dark: what the system says until the reader chooses.
  const theme = byId("theme");
  const kept = { get: () => { try { return localStorage.getItem("batten-theme"); } catch { return null; } },
                 set: (word) => { try { localStorage.setItem("batten-theme", word); } catch { /* a page from disk may not */ } } };
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const named = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  if (["light", "dark"].includes(kept.get())) root.dataset.theme = kept.get();
  named();
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; kept.set(root.dataset.theme); named(); });

  // Printed, everything is unfolded, and folded again afterwards; the findings only where they are few.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    const folded = document.body.classList.contains("many") ? ".fold:not([open])" : "details:not([open])";
    unfolded = [...document.querySelectorAll(folded)];
    for (const one of unfolded) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of unfolded) one.open = false; unfolded = []; });

  // A link to a check or a finding unfolds it.
  const reveal = () => {
    const id = location.hash.slice(1);
    const target = id && !id.startsWith("?") ? byId(decodeURIComponent(id)) : null;
    if (target instanceof HTMLDetailsElement) { target.hidden = false; target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);

  // Commands can be copied.
  document.addEventListener("toggle", (event) => {
    if (!(event.target instanceof HTMLDetailsElement) || !event.target.open || !navigator.clipboard) return;
    for (const code of event.target.querySelectorAll(".command:not(.copied)")) {
      code.classList.add("copied");
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "copy", textContent: "copy" });
      button.addEventListener("click", async () => {
        try { await navigator.clipboard.writeText(code.textContent); button.textContent = "copied"; } catch { button.textContent = "select it and copy"; }
      });
      code.after(button);
    }
  }, true);

  // Rows of the table of vulnerabilities: every word must stand in them.
  const flaws = byId("flaw-search");
  if (flaws) {
    const rows = [...document.querySelectorAll("#flaws tbody tr")].map((row) => ({ row, text: row.textContent.toLowerCase() }));
    const sift = () => {
      const words = flaws.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const one of rows) { one.row.hidden = !words.every((word) => one.text.includes(word)); shown += one.row.hidden ? 0 : 1; }
      byId("flaw-count").textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    };
    flaws.parentElement.hidden = false;
    flaws.addEventListener("input", sift);
    sift();
  }

  const toolbar = byId("toolbar");
  if (!toolbar) { reveal(); return; }
  toolbar.hidden = false;
  const search = byId("search"), reset = byId("reset");
  const selects = ["strategy", "platform", "status", "file", "check"].map(byId);
  const chips = [...toolbar.querySelectorAll(".chip")];
  const status = byId("status");
  const usual = status.value;

  // One pass over the page at the start; filters then only look at these.
  const files = [...document.querySelectorAll(".file")].map((element) => ({
    element, index: element.dataset.file, path: element.querySelector("h3 .path").textContent,
    blocks: [...element.querySelectorAll(".block")].map((block) => ({
      element: block, resource: block.querySelector("h4")?.textContent ?? "",
      entries: [...block.querySelectorAll(".entry")].map((entry) => ({ element: entry, text: null, ...entry.dataset })),
    })),
  }));
  const every = files.flatMap((file) => file.blocks.flatMap((block) => block.entries));
  const total = every.reduce((sum, entry) => sum + Number(entry.number), 0);
  const textOf = (entry, block, file) => (entry.text ??= `${file.path} ${block.resource} ${entry.element.textContent}`.toLowerCase());

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.severity));
    const [strategy, platform, state, file, check] = selects.map((select) => select.value);
    let shown = 0;
    for (const one of files) {
      let inFile = 0;
      for (const block of one.blocks) {
        let inBlock = 0;
        for (const entry of block.entries) {
          const fits = (!file || one.index === file) && (!state || entry.status === state) && (!platform || entry.platform === platform)
            && (!severities.size || entry.severity.split(" ").some((word) => severities.has(word)))
            && (!strategy || entry.strategy.split(" ").includes(strategy)) && (!check || entry.check.split(" ").includes(check))
            && words.every((word) => textOf(entry, block, one).includes(word));
          if (entry.element.hidden === fits) entry.element.hidden = !fits;
          if (fits) inBlock += Number(entry.number);
        }
        block.element.hidden = !inBlock;
        inFile += inBlock;
      }
      one.element.hidden = !inFile;
      shown += inFile;
    }
    byId("nothing").hidden = shown > 0;
    byId("shown").textContent = `${shown.toLocaleString("en")} of ${total.toLocaleString("en")} finding${total === 1 ? "" : "s"}`;
    for (const select of selects) select.classList.toggle("on", select.value !== (select === status ? usual : ""));
    reset.hidden = !(words.length || severities.size || selects.some((select) => select.classList.contains("on")));
    remember(severities);
  }

  // The filters stand in the address, so that a view can be sent to somebody.
  function remember(severities) {
    const query = new URLSearchParams();
    if (search.value) query.set("q", search.value);
    if (severities.size) query.set("severity", [...severities].join(" "));
    for (const select of selects) if (select.classList.contains("on")) query.set(select.id, select.value || "any");
    const text = query.toString();
    if (!text && !location.hash.startsWith("#?")) return;
    try { history.replaceState(null, "", text ? "#?" + text : location.pathname + location.search); } catch { /* not for every address */ }
  }
  function recall() {
    if (!location.hash.startsWith("#?")) return;
    const query = new URLSearchParams(location.hash.slice(2));
    search.value = query.get("q") ?? "";
    const severities = (query.get("severity") ?? "").split(" ");
    for (const chip of chips) chip.setAttribute("aria-pressed", String(severities.includes(chip.dataset.severity)));
    for (const select of selects) {
      const value = query.get(select.id);
      if (value !== null) select.value = value === "any" ? "" : value;
      if (select.selectedIndex < 0) select.value = "";
    }
  }

  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, every.length > 1000 ? 120 : 0); });
  for (const select of selects) select.addEventListener("change", apply);
  for (const chip of chips) chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    apply();
  });
  reset.addEventListener("click", () => {
    search.value = "";
    for (const chip of chips) chip.setAttribute("aria-pressed", "false");
    for (const select of selects) select.value = select === status ? usual : "";
    apply();
    search.focus();
  });
  const setAll = (open) => { for (const entry of every) if (!entry.element.hidden) entry.element.open = open; };
  byId("unfold").addEventListener("click", () => setAll(true));
  byId("fold").addEventListener("click", () => setAll(false));
  addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && event.target === search) { search.value = ""; apply(); }
  });
  addEventListener("pageshow", (event) => { if (event.persisted) apply(); });
  recall();
  apply();
  reveal();
})();
