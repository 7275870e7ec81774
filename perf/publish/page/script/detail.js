// -- one benchmark: a large chart, its table, and its other metrics ---------------------------------------------------

async function showBenchmark(isCurrent) {
  const { benchmark } = view;
  await Promise.all([view.metric, view.beside].filter((each) => each !== null).map((each) => needMetric(each, shownPlatforms())));
  if (!isCurrent()) return;
  const lines = linesOf(benchmark);
  const title = element("div", { className: "title" }, element("h2", {}, name(site.benchmarks[benchmark])), element("span", { className: "quiet" }, view.metric === null ? "" : label(view.metric)), zoomButtons());
  const crumb = element("p", { className: "crumb" }, link({ benchmark: null }, "← All benchmarks"));
  const chart = largeChart(`${label(view.metric)} of ${site.benchmarks[benchmark]}`, lines);
  const changes = changesOfLines(lines);
  const others = otherMetrics(benchmark);
  show(
    crumb,
    title,
    ...chart.parts,
    lines.length ? folded(`Table of ${counted(measuredCommits(lines).length, "commit")}`, () => valueTable(lines)) : "",
    changes.length ? element("section", {}, element("h3", {}, "Changes"), changeTable(changes, changes.some((each) => each.benchmark < 0))) : "",
    others.length ? element("section", {}, element("h3", {}, "Other metrics"), element("div", { className: "grid" }, ...others)) : "",
  );
  chart.draw();
  drawn();
  drawInSight(others);
}

function folded(title, make) {
  const made = element("details", { className: "folded" }, element("summary", {}, title));
  made.addEventListener("toggle", () => { if (made.open && made.childElementCount === 1) made.append(make()); });
  return made;
}

// A chart that is driven by pointer and keys, with what is below the pointer in words, and a strip for each platform.
function largeChart(title, lines) {
  const shown = lines.filter((line) => rangeOfLine(line).length);
  if (!shown.length) return { parts: [element("p", { className: "none" }, "Not measured in these commits.")], draw() {} };
  const readout = element("p", { className: "readout" });
  const plot = element("div", {
    className: "plot large",
    id: "large",
    tabIndex: 0,
    role: "application",
    "aria-roledescription": "chart",
    "aria-label": `${summaryOfLines(title, shown)} Arrow keys move from value to value, Enter opens a commit, plus and minus zoom. The table below has the values.`,
  });
  const platforms = [...new Set(shown.map((line) => line.platform))];
  const strips = platforms.map((platform) => element("div", { className: "strip", title: `${site.platforms[platform].name}: what is known of each commit` }));
  const draw = () => {
    const chart = drawChart(plot, shown, { large: true, hover: (commit) => readout.replaceChildren(...inWords(commit, shown)) });
    if (view.along !== "runs") strips.forEach((strip, at) => drawStrip(strip, platforms[at], chart.plot));
    driveByKeys(plot, chart, shown, (commit) => { $("said").textContent = inWords(commit, shown).map((each) => each.textContent).join(", "); });
    if (refocus) plot.focus({ preventScroll: true });
    refocus = false;
  };
  return { parts: [readout, plot, ...strips, legend(true, shown)], draw };
}

// A commit and its values: what the pointer is at.
function inWords(commit, lines) {
  if (commit === null || commit === undefined) return [];
  const values = lines.map((line) => {
    const count = isMain(commit) ? line.count[commit] : 0;
    const state = STATES[site.platforms[line.platform].states[commit]];
    const text = count ? `${amount(line.middle[commit], line.unit)}${count > 1 ? ` (${count} runs, ${amount(line.low[commit], line.unit)} to ${amount(line.high[commit], line.unit)})` : ""}` : state === "measured" ? "no value" : state ?? "not of the main branch";
    return element("span", {}, key(line.colour, line.dashed), lines.length > 1 ? `${line.label} ` : "", text);
  });
  return [element("span", { className: "sha" }, short(commit)), element("span", { className: "quiet" }, dayOf(commit)), ...values];
}

const measuredCommits = (lines) => {
  const [from, to] = range();
  return [...new Set(lines.flatMap((line) => line.commits))].filter((commit) => commit >= from && commit <= to).sort((one, other) => other - one);
};

// The values as a table, the newest commit first: what a chart shows, for those who cannot see it.
function valueTable(lines) {
  const columns = [["commit", ""], ["date", ""], ...lines.flatMap((line) => [[line.label, "number"], ["since before", "number"], ["runs", "number"]])];
  const before = lines.map((line) => new Map(line.commits.map((commit, at) => [commit, line.commits[at - 1]])));
  return table("", columns, measuredCommits(lines), (commit) => [
    commitButton(commit),
    dayOf(commit),
    ...lines.flatMap((line, at) => {
      const value = line.middle[commit];
      if (value === null) return ["", "", ""];
      const earlier = before[at].get(commit);
      return [amount(value, line.unit), earlier === undefined || !line.middle[earlier] ? "" : change(value / line.middle[earlier]), String(line.count[commit])];
    }),
  ], { headings: true });
}

// Small charts of the other metrics, and of cold beside warm where both are known.
function otherMetrics(benchmark) {
  const has = (metric) => filesOf(metric, shownPlatforms()).length > 0;
  const [cold, time] = ["cold", "time"].map((each) => site.metrics.indexOf(each));
  const pairs = metricsInOrder().map((metric) => [metric, null]).filter(([metric]) => metric !== view.metric && has(metric));
  if (cold >= 0 && time >= 0 && has(cold) && has(time) && !(view.metric === cold && view.beside === time)) pairs.unshift([cold, time]);
  return pairs.map(([metric, beside]) => card(beside === null ? label(metric) : `${label(metric)} beside ${label(beside)}`, { metric, beside }, benchmark, metric, beside));
}
