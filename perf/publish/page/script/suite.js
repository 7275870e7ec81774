// -- the test suite: its makespan and its long pole, from `longpole perf from-run` ------------------------------------

// The benchmark of a whole run: `suite`, if it has a makespan.
function suiteBenchmark() {
  const suite = site.benchmarks.indexOf("suite");
  return suite >= 0 && site.metrics.includes("makespan") ? suite : null;
}

async function showSuite(isCurrent) {
  const suite = suiteBenchmark();
  if (suite === null) { show(element("p", { className: "none" }, "No run of a test suite is among the results: ", element("code", {}, "longpole perf from-run"), " makes them.")); return; }
  const [makespan, time, cpu] = ["makespan", "time", "cpu"].map((each) => site.metrics.indexOf(each));
  await Promise.all([makespan, time, cpu].filter((each) => each >= 0).map((each) => needMetric(each, shownPlatforms())));
  if (!isCurrent()) return;
  const poles = shownPlatforms().map((platform) => polesOf(platform, makespan, time)).filter((each) => each !== null);
  const lines = poles.flatMap(({ whole, pole }) => [whole, pole]);
  const chart = largeChart("Makespan of the test suite, and its longest unit", lines);
  const cards = cpu < 0 ? [] : [card("CPU time of the suite", { view: "trends", benchmark: suite, metric: cpu }, suite, cpu, null)];
  show(
    element("div", { className: "title" }, element("h2", {}, "Test suite"), element("span", { className: "quiet" }, "makespan: filled; longest unit: dashed"), zoomButtons()),
    ...chart.parts,
    lines.length ? folded(`Table of ${counted(measuredCommits(lines).length, "commit")}`, () => valueTable(lines)) : "",
    ...poles.map(poleSection),
    cards.length ? element("div", { className: "grid" }, ...cards) : "",
  );
  chart.draw();
  drawn();
  drawInSight(cards);
}

// The makespan of each commit, and the unit that took longest there.
function polesOf(platform, makespan, time) {
  const whole = series(platform, makespan, suiteBenchmark());
  if (!whole) return null;
  const units = time < 0 ? [] : benchmarksOf(time).filter((each) => site.benchmarks[each].startsWith("unit ")).map((each) => series(platform, time, each)).filter((each) => each !== null);
  const empty = () => new Array(site.commits.sha.length).fill(null);
  const pole = { ...whole, metric: time, benchmark: -1, values: [], middle: empty(), low: empty(), high: empty(), count: new Int32Array(site.commits.sha.length), commits: [], unitAt: new Map() };
  for (const unit of units) {
    for (const commit of unit.commits) {
      if (pole.middle[commit] !== null && pole.middle[commit] >= unit.middle[commit]) continue;
      for (const each of ["middle", "low", "high", "count"]) pole[each][commit] = unit[each][commit];
      pole.unitAt.set(commit, unit.benchmark);
    }
  }
  pole.commits = [...pole.unitAt.keys()].sort((one, other) => one - other);
  const named = site.platforms[platform].name;
  return { platform, whole: { ...whole, colour: colourOf(platform), label: `${named} makespan` }, pole: { ...pole, colour: colourOf(platform), dashed: true, label: `${named} longest unit` } };
}

// Which unit was the long pole, from when to when: neighbouring commits with the same one are one row.
function poleSection({ platform, whole, pole }) {
  const rows = [];
  for (const commit of rangeOfLine(pole)) {
    const unit = pole.unitAt.get(commit);
    const last = rows.at(-1);
    if (last?.unit === unit) { last.to = commit; last.commits.push(commit); } else rows.push({ unit, from: commit, to: commit, commits: [commit] });
  }
  if (!rows.length) return "";
  const middle = (values) => median([...values].sort((one, other) => one - other));
  const columns = [["longest unit", ""], ["from", ""], ["to", ""], ["commits", "number"], ["time", "number"], ["of the makespan", "number"]];
  return element("section", {}, element("h3", {}, "The long pole on ", name(site.platforms[platform].name)), table("", columns, rows.reverse(), (row) => {
    const shares = row.commits.filter((commit) => whole.middle[commit]).map((commit) => pole.middle[commit] / whole.middle[commit]);
    return [
      link({ view: "trends", benchmark: row.unit, metric: site.metrics.indexOf("time") }, name(site.benchmarks[row.unit].slice("unit ".length))),
      element("span", {}, commitButton(row.from), " ", dayOf(row.from)),
      element("span", {}, commitButton(row.to), " ", dayOf(row.to)),
      String(row.commits.length),
      amount(middle(row.commits.map((commit) => pole.middle[commit])), pole.unit),
      shares.length ? percent(middle(shares)) : "",
    ];
  }, { headings: true }));
}
