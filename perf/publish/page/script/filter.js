// -- the filter -------------------------------------------------------------------------------------------------------

const label = (metric) => site.metrics[metric];

// The metrics, those with a meaning first, then others, then parts of the time, then what describes the input.
function metricsInOrder() {
  const known = ["time", "cold", "memory", "size", "runtime", "cpu", "makespan", "mean"];
  const rank = (metric) => {
    const at = known.indexOf(label(metric));
    return at >= 0 ? at : label(metric).startsWith("source:") ? 102 : label(metric).startsWith("pass:") ? 101 : 100;
  };
  return [...site.metrics.keys()].sort((one, other) => rank(one) - rank(other) || one - other);
}

function fillFilter() {
  $("platforms").append(...site.platforms.map((platform, number) => {
    const box = element("input", { type: "checkbox", value: String(number) });
    const made = element("label", { className: "chip" }, box, key(colourOf(number)), name(platform.name));
    return made;
  }));
  const metrics = () => metricsInOrder().map((metric) => element("option", { value: String(metric) }, label(metric)));
  $("metric").append(...metrics());
  $("beside").append(element("option", { value: "" }, "nothing"), ...metrics());
  const change = (control, read) => $(control).addEventListener($(control).tagName === "SELECT" ? "change" : "input", () => go(read($(control).value)));
  change("query", (q) => ({ q, benchmark: null }));
  change("metric", (value) => ({ metric: Number(value) }));
  change("beside", (value) => ({ beside: value === "" ? null : Number(value) }));
  change("from", (from) => ({ from }));
  change("to", (to) => ({ to }));
  change("scale", (scale) => ({ scale }));
  change("along", (along) => ({ along }));
  change("least", (least) => ({ least }));
  $("platforms").addEventListener("change", () => {
    const chosen = boxes().filter((box) => box.checked).map((box) => Number(box.value));
    go({ platforms: chosen.length === site.platforms.length ? null : chosen });
  });
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  $("reset").addEventListener("click", () => go({ ...NEUTRAL, view: view.view, metric: standardMetric() }, { add: true }));
  $("filters").open = matchMedia("(min-width: 701px)").matches;
}

const boxes = () => [...$("platforms").querySelectorAll("input")];

// The controls show what is in the address; those without a meaning in this view are away.
function showFilter() {
  const put = (control, value) => { if (document.activeElement !== $(control) || $(control).tagName === "SELECT") $(control).value = value; };
  put("query", view.q);
  put("metric", String(view.metric ?? ""));
  put("beside", view.beside === null ? "" : String(view.beside));
  put("from", view.from);
  put("to", view.to);
  put("scale", view.scale);
  put("along", view.along);
  put("least", view.least);
  for (const box of boxes()) box.checked = shownPlatforms().includes(Number(box.value));
  for (const [control, read] of [["from", commitOf], ["to", endOf]]) $(control).setAttribute("aria-invalid", String(view[control] !== "" && !isMain(read(view[control]))));
  for (const control of document.querySelectorAll("[data-for]")) control.hidden = !control.dataset.for.split(" ").includes(view.view);
  $("query").closest("label").hidden ||= view.view === "trends" && view.benchmark !== null;
  const [from, to] = range();
  const parts = [];
  if (view.platforms) parts.push(view.platforms.map((each) => site.platforms[each].name).join(", ") || "no platform");
  if (view.q) parts.push(view.q);
  if (from > 0 || to < site.commits.sha.length - 1) parts.push(`${counted(to - from + 1, "commit")}`);
  $("filter-said").textContent = parts.length ? `(${parts.join("; ")})` : "";
  $("shown").textContent = ["trends", "coverage", "changes", "suite"].includes(view.view) ? `${counted(to - from + 1, "commit")}${dayOf(from) ? `, ${dayOf(from)} to ${dayOf(to)}` : ""}` : "";
}

function showViews() {
  const words = { trends: "Trends", changes: "Changes", coverage: "Coverage", compare: "Compare", suite: "Test suite" };
  const shown = VIEWS.filter((each) => each !== "suite" || suiteBenchmark() !== null);
  $("views").replaceChildren(...shown.map((each) => {
    const number = each === "changes" && !site.changes.whyNot ? changesOf().length : null;
    const made = link({ view: each, benchmark: null, commit: "" }, words[each], view.view === each ? { "aria-current": "page" } : {});
    if (number !== null) made.append(element("span", { className: "number" }, String(number)));
    return made;
  }));
}
