// -- changes ----------------------------------------------------------------------------------------------------------

function showChanges() {
  const [from, to] = range();
  const matches = matcher(view.q);
  const wanted = changesOf((each) => shownPlatforms().includes(each.platform) && (view.of === null || each.metric === view.of) && (each.benchmark < 0 ? !view.q : matches(each.benchmark)) && (typeof each.after !== "number" || (each.after >= from && (typeof each.before !== "number" || each.before <= to))));
  const place = (each) => typeof each.after === "number" ? each.after : -1;
  wanted.sort((one, other) => place(other) - place(one) || Math.abs(Math.log(other.ratio)) - Math.abs(Math.log(one.ratio)));
  const open = wanted.filter((each) => each.worse && each.recovered === null).length;
  const said = site.changes.whyNot
    ? element("p", { className: "none" }, `Changes were not computed: ${site.changes.whyNot}.`)
    : element("p", { className: "quiet" }, wanted.length ? `${counted(wanted.length, "change")}; ${counted(open, "regression")} still there` : site.changes.points.length ? "No change of this size in these series and commits." : "No change was found.");
  const known = new Set(site.changes.points.map((point) => point[2]));
  const metrics = element("select", { "aria-label": "Metric of the changes" }, element("option", { value: "" }, "all"), ...metricsInOrder().filter((metric) => known.has(metric)).map((metric) => element("option", { value: String(metric), selected: metric === view.of }, label(metric))));
  metrics.addEventListener("change", () => go({ of: metrics.value === "" ? null : Number(metrics.value) }));
  show(element("div", { className: "title" }, element("h2", {}, "Changes"), known.size ? element("label", { className: "field tools" }, "metric ", metrics) : null), said, wanted.length ? changeTable(wanted, true) : "");
}

// One change a row; a name leads to the chart around the change.
function changeTable(changes, named) {
  const columns = [["change", ""], ...named ? [["benchmark", ""]] : [], ["platform", ""], ["metric", ""], ["due to", ""], ["date", ""], ["recovered", ""], ["q", "number"]];
  return table("", columns, changes, (each) => [
    element("b", { className: each.worse ? "bad" : "good" }, `${each.worse ? "▲" : "▼"} ${change(each.ratio)}`),
    ...named ? [link({ view: "trends", benchmark: each.benchmark < 0 ? null : each.benchmark, metric: each.metric, beside: null, q: "", platforms: [each.platform], ...around(each) }, each.benchmark < 0 ? "all benchmarks" : name(site.benchmarks[each.benchmark]))] : [],
    name(site.platforms[each.platform].name),
    name(label(each.metric)),
    commitRange(each),
    dayOf(each.after),
    each.recovered === null ? "" : commitButton(each.recovered),
    each.q === null ? "" : each.q < 0.001 ? "< 0.001" : plain(each.q),
  ]);
}

// The commits that a change may be due to: those after the last good one, up to the first bad one.
function commitRange({ before, after }) {
  const number = typeof before === "number" && typeof after === "number" ? after - before : null;
  if (before === after) return element("span", {}, commitButton(after), element("span", { className: "quiet" }, " no commit: the code was the same"));
  if (number === 1) return element("span", {}, commitButton(after));
  return element("span", {}, commitButton(before), "…", commitButton(after), number === null ? "" : element("span", { className: "quiet" }, ` ${counted(number, "commit")}`));
}

function around({ before, after }) {
  if (typeof before !== "number" || typeof after !== "number") return { from: "", to: "" };
  const room = Math.max(20, (after - before) * 3);
  return { from: short(Math.max(0, before - room)), to: short(Math.min(site.commits.sha.length - 1, after + room)) };
}
