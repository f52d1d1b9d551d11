// The big screen: a clock in the city's time, and rows that glide to their new places.
"use strict";

(() => {
  const clock = document.querySelector("[data-clock]");
  // The server's clock rules; the screen's own may be wrong by hours.
  const ahead = new Date(clock.dataset.clock).getTime() - Date.now();
  const parts = { timeZone: clock.dataset.zone, hour12: false };
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { ...parts, year: "numeric", month: "long", day: "numeric", weekday: "long" });
  const time = new Intl.DateTimeFormat("en-GB", { ...parts, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  function tick() {
    const now = new Date(Date.now() + ahead);
    clock.querySelector("[data-day]").textContent = day.format(now);
    clock.querySelector("[data-time]").textContent = time.format(now);
    setTimeout(tick, 1000 - (now.getTime() % 1000));
  }
  tick();

  // First, last, invert, play: a row starts where it stood before and is let go.
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const tops = new WeakMap(); // a followed region → where its rows stood, by their ids
  const rows = (region) => [...region.querySelectorAll("[data-row]")];
  const top = (row) => row.getBoundingClientRect().top;

  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (target.hasAttribute("data-follow")) tops.set(target, new Map(rows(target).map((row) => [row.id, top(row)])));
  });
  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    const old = tops.get(target);
    tops.delete(target);
    if (!old || still.matches) return;
    const moved = rows(target)
      .map((row) => ({ row, by: old.has(row.id) ? old.get(row.id) - top(row) : 0 }))
      .filter(({ by }) => Math.abs(by) > 1);
    moved.forEach(({ row, by }) => {
      row.style.transition = "none";
      row.style.transform = `translateY(${by}px)`;
    });
    document.body.getBoundingClientRect(); // settle the start before it is let go
    moved.forEach(({ row }) => {
      row.style.transition = "transform .6s cubic-bezier(.2, .7, .2, 1)";
      row.style.transform = "";
    });
  });
})();
