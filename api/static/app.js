// What the pages do beyond links and forms: follow changes, keys, rows that open, the flash.
"use strict";

(() => {
  const root = document.documentElement;
  const board = document.body.classList.contains("wall");

  // --- following the log -------------------------------------------------------------------
  // The stream only says that something changed; what is shown is always fetched from the
  // server anew, so that a page never shows a number the server did not render.
  const regions = () => document.querySelectorAll("[data-follow]");
  let pending = null; // streams touched since the last fetch; null: none
  let timer = 0;
  let fetching = 0;
  let took = 0;
  let begun = 0;

  function changed(streams) {
    pending = (pending || []).concat(streams);
    schedule();
  }

  // The first change is shown at once, a storm of them at a pace the server keeps up with.
  function schedule() {
    if (timer || fetching || pending === null) return;
    const wait = Math.max(0, begun + Math.max(150, 1.5 * took) - performance.now());
    timer = setTimeout(refresh, wait);
  }

  function refresh() {
    timer = 0;
    const streams = pending;
    pending = null;
    begun = performance.now();
    regions().forEach((region) => {
      const wanted = region.dataset.follow;
      if (wanted !== "*" && !streams.includes("*") && !streams.includes(wanted)) return;
      if ("held" in region.dataset) return;
      fetching += 1;
      htmx.trigger(region, "follow");
    });
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.elt.hasAttribute("data-follow")) return;
    fetching = Math.max(0, fetching - 1);
    took = performance.now() - begun;
    schedule();
  });

  const linkState = document.querySelector("[data-link-state]");
  function linked(on) {
    root.classList.toggle("live", on);
    if (linkState) linkState.textContent = on ? linkState.dataset.on : linkState.dataset.off;
  }

  // What the server has rendered; a stream that begins later tells what was missed.
  const shown = document.querySelector("[data-position]");
  let position = shown ? Number(shown.dataset.position) : 0;
  function heard({ kind, data }) {
    if (kind !== "change") {
      linked(kind === "open");
      return;
    }
    const change = JSON.parse(data);
    const named = change.streams.length > 0 && !change.all;
    if (named || change.position > position) changed(named ? change.streams : ["*"]);
    position = Math.max(position, change.position);
  }

  let stop = null;
  function listen() {
    if (stop || regions().length === 0) return;
    const address = root.dataset.live;
    if (window.SharedWorker) {
      const port = new SharedWorker(root.dataset.worker).port;
      port.onmessage = ({ data }) => heard(data);
      port.postMessage({ kind: "listen", address });
      stop = () => port.postMessage({ kind: "leave" });
    } else {
      const source = new EventSource(address);
      source.onopen = () => heard({ kind: "open" });
      source.onerror = () => {
        heard({ kind: "lost" });
        if (source.readyState !== EventSource.CLOSED) return;
        leave(); // refused: the browser itself does not try again
        setTimeout(listen, 3000);
      };
      source.addEventListener("change", (event) => heard({ kind: "change", data: event.data }));
      stop = () => source.close();
    }
  }
  function leave() {
    if (stop) stop();
    stop = null;
  }
  document.addEventListener("visibilitychange", () => {
    if (board) return; // the screen on the wall is never left
    if (document.hidden) leave();
    else listen();
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", () => document.hidden && !board ? undefined : listen());

  // --- the flash: only rows whose words changed --------------------------------------------
  const before = new WeakMap(); // a followed region → the words of its rows, what was unfolded
  const texts = (region) =>
    new Map([...region.querySelectorAll("[data-row]")].map((row) => [row.id, row.textContent]));

  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (!target.hasAttribute("data-follow")) return;
    const unfolded = [...target.querySelectorAll("details[open]")].map((details) => details.id);
    before.set(target, { rows: texts(target), unfolded });
  });
  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    const old = before.get(target);
    if (!old) return;
    before.delete(target);
    old.unfolded.forEach((id) => {
      const details = document.getElementById(id); // an action may be gone by now
      if (details) details.setAttribute("open", "");
    });
    choose();
    const changed = (row) => old.rows.get(row.id) !== row.textContent;
    const rows = [...target.querySelectorAll("[data-row]")].filter(changed);
    rows.forEach((row) => {
      row.classList.add("changed");
      setTimeout(() => row.classList.remove("changed"), 2500);
    });
    announce(rows.length);
  });

  // Not every change is read out: a summary at most every ten seconds.
  let announcedAt = -10000;
  function announce(count) {
    const box = document.getElementById("announce");
    if (!count || performance.now() - announcedAt < 10000) return;
    announcedAt = performance.now();
    box.textContent = box.dataset.text.replace("{n}", String(count));
  }

  // --- rows that open, keys, dialogs -------------------------------------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open).showModal();
    if (event.target.closest("a, button, input, select, label, summary")) return;
    if (String(window.getSelection())) return;
    const row = event.target.closest("tr[data-row]");
    const link = row && row.querySelector("a[data-main]");
    if (link) link.click();
  });

  // The row whose entries stand beside the ranking is the one the address names.
  function choose() {
    const unit = new URLSearchParams(location.search).get("unit");
    document.querySelectorAll("#ranking tr[data-row]").forEach((row) => {
      row.classList.toggle("chosen", row.id === `row-${unit}`);
    });
  }
  document.addEventListener("htmx:pushedIntoHistory", choose);
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (target.id === "drill") {
      target.focus({ preventScroll: true });
      target.scrollIntoView({ block: "nearest" });
    }
    // Whoever has gone on in a list is not thrown back to its beginning.
    const list = document.querySelector("[data-follow] #rows");
    if (target.id === "more" && list) list.closest("[data-follow]").dataset.held = "";
  });

  const typing = (element) => element.closest("input, select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("main [type=search]") || document.getElementById("search");
      if (!search) return;
      event.preventDefault();
      search.focus();
    } else if (event.key === "?") {
      const keys = document.getElementById("keys");
      if (keys && !keys.open) keys.showModal();
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const turn = event.key === "ArrowLeft" ? "prev" : "next";
      const link = document.querySelector(`main a[rel~=${turn}]`);
      if (link) link.click();
    }
  });

  // A select or a date in a filter form takes effect at once; text waits for Enter.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-at-once]");
    if (form && !event.target.matches("[type=search]")) form.requestSubmit();
  });

  // Nobody is interrupted: where a form is being filled in, nothing is exchanged any more.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[method=post]");
    const region = form && form.closest("[data-follow]");
    if (region) region.dataset.held = "";
  });

  // --- the as-of slider says in words where it stands, while it is still moving --------------
  document.addEventListener("input", (event) => {
    const slider = event.target.closest("input[type=range][data-marks]");
    if (!slider) return;
    const mark = document.querySelectorAll(`#${slider.dataset.marks} option`)[slider.value - slider.min];
    slider.setAttribute("aria-valuetext", mark.label);
    const output = document.querySelector(`output[for=${slider.id}]`);
    if (output) output.textContent = mark.label;
  });

  // --- paper shows what the screen folds away ------------------------------------------------
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((details) => (details.open = true));
  });
  window.addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)));
})();
