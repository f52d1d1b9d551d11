// Draws each chart from the table that stands beside it: the table is what the server said.
"use strict";

(() => {
  const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = () => window.matchMedia("(prefers-color-scheme: dark)").matches;
  // Told apart without colour too: every line has its own symbol and dash.
  const COLOURS = { light: ["#1459a6", "#c8322b", "#17703c", "#a06a00", "#6b4aa0"], dark: ["#78b2f2", "#ff8f8a", "#7bd39b", "#f0c453", "#c3a6f5"] };
  const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle"];
  const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 2]];

  function read(table) {
    const rows = [...table.tBodies[0].rows];
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const value = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));
    return {
      labels: rows.map((row) => row.cells[0].dataset.short),
      series: heads.slice(1).map((name, index) => ({ name, values: rows.map((row) => value(row.cells[index + 1])) })),
    };
  }

  function option(figure) {
    const { labels, series } = read(figure.querySelector("table"));
    const ink = styleOf("--soft");
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const font = styleOf("--font");
    return {
      animation: !still,
      animationDuration: 300,
      aria: { enabled: true },
      color: COLOURS[dark() ? "dark" : "light"],
      textStyle: { fontFamily: font, color: ink },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true },
      legend: { show: series.length > 1, top: 0, right: 0, textStyle: { color: ink, fontFamily: font } },
      grid: { left: 8, right: 16, top: series.length > 1 ? 36 : 16, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: labels, axisLabel: { color: ink, hideOverlap: true }, axisLine: { lineStyle: { color: styleOf("--rule") } } },
      yAxis: {
        type: "value", minInterval: 1, inverse: figure.hasAttribute("data-inverse"),
        min: figure.hasAttribute("data-inverse") ? 1 : undefined,
        axisLabel: { color: ink }, splitLine: { lineStyle: { color: styleOf("--line") } },
      },
      series: series.map(({ name, values }, index) => ({
        name, data: values, type: "line", symbol: SYMBOLS[index % 5], symbolSize: 6,
        lineStyle: { width: 2, type: DASHES[index % 5] }, connectNulls: false,
      })),
    };
  }

  function draw(figure) {
    const plane = figure.querySelector(".chart-plane");
    if (!plane || figure.querySelector("tbody").rows.length === 0) return;
    const locale = document.documentElement.lang.startsWith("zh") ? "ZH" : "EN";
    const chart = echarts.getInstanceByDom(plane) || echarts.init(plane, null, { locale, renderer: "svg" });
    chart.setOption(option(figure), true);
  }

  const all = (root) => root.querySelectorAll("figure[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("htmx:afterSwap", (event) => all(event.detail.target.parentNode || document));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all(document));
  let timer = 0;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      document.querySelectorAll(".chart-plane").forEach((plane) => {
        const chart = echarts.getInstanceByDom(plane);
        if (chart) chart.resize();
      });
    }, 120);
  });
})();
