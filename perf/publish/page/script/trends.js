// -- trends: a small chart for each benchmark -------------------------------------------------------------------------

const MANY = 60; // small charts on a page, until more are asked for
let shownCards = MANY;

const rangeOfLine = (line) => {
  const [from, to] = range();
  return line.commits.filter((commit) => commit >= from && commit <= to);
};

// A line in words.
function summaryOf(line) {
  const commits = rangeOfLine(line);
  if (!commits.length) return `${line.label}: not measured in these commits`;
  const values = commits.map((commit) => line.middle[commit]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const last = commits.at(-1);
  const [from, to] = range();
  return `${line.label}: ${commits.length} of ${counted(to - from + 1, "commit")} measured, ${amount(low, line.unit)} to ${amount(high, line.unit)}, ${amount(line.middle[last], line.unit)} at ${short(last)}${dayOf(last) ? ` of ${dayOf(last)}` : ""}`;
}

const summaryOfLines = (title, lines) => `${title}. ${lines.map(summaryOf).join(". ")}.`;

// The newest values of each line, and the newest change of any of them.
function latestOf(lines) {
  return lines.map((line) => {
    const last = rangeOfLine(line).at(-1);
    return element("span", { title: line.label }, key(line.colour, line.dashed), last === undefined ? "not measured" : amount(line.middle[last], line.unit));
  });
}

function markOf(lines) {
  const found = changesOfLines(lines, false).filter((each) => each.recovered === null).at(-1);
  if (!found) return null;
  const text = `${found.worse ? "▲" : "▼"} ${change(found.ratio)}`;
  return element("span", { className: `mark ${found.worse ? "bad" : "good"}`, title: `${site.platforms[found.platform].name}, ${found.worse ? "regression" : "improvement"} at ${short(found.after)}` }, text);
}

// A small chart of a benchmark's metric. It is drawn, and its numbers are loaded, when it comes into sight.
function card(title, to, benchmark, metric, beside) {
  const plot = element("div", { className: "plot", role: "img" });
  const head = element("div", { className: "title" }, element("h3", {}, link(to, name(title))));
  const latest = element("div", { className: "latest" });
  const made = element("article", { className: "card" }, head, latest, plot);
  made.draw = async () => {
    const mine = turn;
    await Promise.all([metric, beside].filter((each) => each !== null).map((each) => needMetric(each, shownPlatforms())));
    if (mine !== turn) return;
    const lines = linesOf(benchmark, metric, beside).filter((line) => rangeOfLine(line).length);
    plot.setAttribute("aria-label", lines.length ? summaryOfLines(title, lines) : `${title}: not measured in these commits`);
    latest.replaceChildren(...latestOf(lines));
    const mark = markOf(lines);
    if (mark) head.append(mark);
    if (lines.length) drawChart(plot, lines);
    else plot.append(element("p", { className: "none" }, "Not measured in these commits."));
    drawn();
  };
  return made;
}

// The first chart is there: what `make bench perf-page` waits for.
function drawn() {
  if (document.documentElement.dataset.drawn) return;
  document.documentElement.dataset.drawn = "true";
  performance.mark("first-chart");
}

// Cards are drawn when they come into sight, one in each frame, so that the first is there at once.
let sight = null;
function drawInSight(cards) {
  sight?.disconnect();
  const queue = [];
  const next = () => {
    const target = queue.shift();
    if (!target) return;
    if (target.isConnected) target.draw().catch(problem);
    requestAnimationFrame(next);
  };
  sight = new IntersectionObserver((seen) => {
    const found = seen.filter((each) => each.isIntersecting).map((each) => each.target);
    for (const target of found) sight.unobserve(target);
    queue.push(...found);
    if (found.length && queue.length === found.length) next();
  }, { rootMargin: "200px" });
  for (const each of cards) sight.observe(each);
}

async function showTrends(isCurrent) {
  if (view.benchmark !== null) return showBenchmark(isCurrent);
  if (view.metric === null) return show(element("p", { className: "none" }, "There are no results yet."));
  await needMetric(view.metric, shownPlatforms());
  if (!isCurrent()) return undefined;
  const matching = benchmarksOf(view.metric).filter(matcher(view.q));
  const cards = matching.slice(0, shownCards).map((benchmark) => card(site.benchmarks[benchmark], { benchmark, q: "" }, benchmark, view.metric, view.beside));
  const more = element("button", { type: "button", className: "more-rows", hidden: matching.length <= shownCards }, `Show ${Math.min(MANY, matching.length - shownCards)} more of ${counted(matching.length, "benchmark")}`);
  more.addEventListener("click", () => { shownCards += MANY; render(); });
  const none = element("p", { className: "none" }, view.q ? `No benchmark matches ${view.q}.` : shownPlatforms().length ? "Nothing was measured." : "No platform is chosen.");
  show(element("h2", { className: "unseen" }, "Trends"), legend(false), matching.length ? element("div", { className: "grid" }, ...cards) : none, more);
  drawInSight(cards);
  return undefined;
}

// What the signs in a chart mean.
function legend(large, lines = []) {
  const item = (sign, text) => element("li", {}, sign, text);
  const swatch = (kind) => element("i", { className: kind, "aria-hidden": "true" });
  const found = shownPlatforms().length > 1 || large ? shownPlatforms().map((each) => item(key(colourOf(each)), name(site.platforms[each].name))) : [];
  if (view.view === "trends" && view.beside !== null && view.beside !== view.metric) found.push(element("li", {}, `${label(view.metric)}: filled; ${label(view.beside)}: hollow, dashed`));
  if (view.along !== "runs") found.push(element("li", {}, "dot: median of a commit's runs; bar: least to greatest; no line: commits between were not measured"));
  if (view.along !== "runs" && (large ? changesOfLines(lines).length : site.changes.points.length)) found.push(item(swatch("band bad"), "worse in these commits"), item(swatch("band good"), "better"));
  const states = new Set(large && view.along !== "runs" ? lines.flatMap((line) => [...site.platforms[line.platform].states]) : []);
  found.push(...Object.entries(STATES).filter(([letter]) => states.has(letter)).map(([letter, word]) => item(swatch(`state ${letter}`), word)));
  return element("ul", { className: "legend" }, ...found);
}
