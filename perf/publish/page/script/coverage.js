// -- coverage: what is known of each commit ---------------------------------------------------------------------------

async function showCoverage(isCurrent) {
  await needDetails();
  if (!isCurrent()) return;
  const [from, to] = range();
  const days = shownPlatforms().map((platform) => daySection(platform, from, to));
  show(
    element("h2", {}, "Coverage"),
    site.earlier ? element("p", { className: "quiet" }, `${counted(site.earlier, "earlier commit")} of the main branch, before the first result, ${site.earlier === 1 ? "is" : "are"} left out.`) : "",
    ...days.map((each) => each.section),
    unmeasured(from, to),
    skips(),
    failures(),
    elsewhere(),
    unreadable(),
  );
  for (const each of days) each.draw();
  drawn();
}

// For each day with commits: how many commits there are of each state.
function perDay(platform, from, to) {
  const { states } = site.platforms[platform];
  const found = new Map();
  for (let commit = from; commit <= to; commit += 1) {
    const when = dayOf(commit) || "no date";
    if (!found.has(when)) found.set(when, { day: when, first: commit, last: commit, m: 0, r: 0, s: 0, f: 0, u: 0 });
    const each = found.get(when);
    each[states[commit]] += 1;
    each.last = commit;
  }
  return [...found.values()].sort((one, other) => one.day < other.day ? -1 : 1);
}

const ORDER = ["m", "r", "s", "f", "u"];

function daySection(platform, from, to) {
  const days = perDay(platform, from, to);
  const total = Object.fromEntries(ORDER.map((letter) => [letter, days.reduce((sum, each) => sum + each[letter], 0)]));
  const commits = to - from + 1;
  const words = ORDER.filter((letter) => total[letter]).map((letter) => `${total[letter]} ${STATES[letter]}`).join(", ");
  const plot = element("div", { className: "plot", role: "img", "aria-label": `Commits of each day on ${site.platforms[platform].name}: ${words}. The table below has the numbers.` });
  const legendOf = element("ul", { className: "legend" }, ...ORDER.filter((letter) => total[letter]).map((letter) => element("li", {}, element("i", { className: `state ${letter}`, "aria-hidden": "true" }), `${STATES[letter]} ${total[letter]}`)));
  const columns = [["day", ""], ["commits", "number"], ...ORDER.map((letter) => [STATES[letter], "number"])];
  const rows = folded(`Table of ${counted(days.length, "day")}`, () => table("", columns, [...days].reverse(), (each) => [each.day, String(ORDER.reduce((sum, letter) => sum + each[letter], 0)), ...ORDER.map((letter) => each[letter] ? String(each[letter]) : "")], { headings: true }));
  const head = element("div", { className: "title" }, element("h3", {}, name(site.platforms[platform].name)), element("span", { className: "quiet" }, `${total.m} of ${counted(commits, "commit")} measured (${percent(commits ? total.m / commits : 0)}); commits a day`));
  return { section: element("section", {}, head, plot, legendOf, rows), draw: () => drawDays(plot, days) };
}

// Stacked bars, a bar a day; the whole stack is drawn first, and what is below it over that.
function drawDays(place, days) {
  const places = days.map((_, at) => at);
  const sums = ORDER.map((_, upTo) => days.map((each) => ORDER.slice(0, upTo + 1).reduce((sum, letter) => sum + each[letter], 0)));
  const quiet = colour("--quiet");
  const font = "11px system-ui, sans-serif";
  const bars = uPlot.paths.bars({ size: [0.8, 40] });
  const dayLabel = (text) => text === "no date" ? "" : `${MONTHS[Number(text.slice(5, 7)) - 1]} ${Number(text.slice(8))}`;
  const plot = new uPlot({
    width: place.clientWidth,
    height: place.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    scales: { x: { time: false, range: (_, low, high) => [low - 0.6, high + 0.6] }, y: { range: (_, low, high) => [0, Math.max(1, high * 1.05)] } },
    axes: [
      { stroke: quiet, font, grid: { show: false }, ticks: { show: false }, size: 24, gap: 3, space: 62, incrs: [1, 2, 7, 14, 28, 56, 112, 224, 448, 896], values: (_, splits) => splits.map((split) => days[split] ? dayLabel(days[split].day) : "") },
      { stroke: quiet, font, grid: { stroke: colour("--grid"), width: 1 }, ticks: { show: false }, size: 40, gap: 4, space: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
    ],
    series: [{}, ...[...ORDER].reverse().map((letter) => ({ paths: bars, fill: colour(`--${STATES[letter]}`), width: 0, points: { show: false } }))],
  }, [places, ...[...sums].reverse()], place);
  plot.root.setAttribute("aria-hidden", "true");
  charts.push({ plot, place });
}

// The commits that no platform, or not every platform, has measured, with what is known of them.
function unmeasured(from, to) {
  const platforms = shownPlatforms();
  const chosen = view.state && Object.values(STATES).includes(view.state) ? Object.keys(STATES).find((letter) => STATES[letter] === view.state) : "";
  const commits = [];
  for (let commit = to; commit >= from; commit -= 1) {
    const letters = platforms.map((platform) => site.platforms[platform].states[commit]);
    if (letters.some((letter) => chosen ? letter === chosen : letter !== "m")) commits.push(commit);
  }
  const choices = element("select", { "aria-label": "State" }, element("option", { value: "" }, "any"), ...ORDER.slice(1).map((letter) => element("option", { value: STATES[letter], selected: chosen === letter }, STATES[letter])));
  choices.addEventListener("change", () => go({ state: choices.value }));
  const columns = [["commit", ""], ["date", ""], ["subject", "subject"], ...platforms.map((platform) => [site.platforms[platform].name, ""])];
  const rows = table("", columns, commits, (commit) => [commitButton(commit), dayOf(commit), name(subjectOf(commit)), ...platforms.map((platform) => stateOf(platform, commit))]);
  const head = element("div", { className: "title" }, element("h3", {}, "Unmeasured commits"), element("span", { className: "quiet" }, counted(commits.length, "commit")), element("label", { className: "field tools" }, "state ", choices));
  return element("section", {}, head, commits.length ? rows : element("p", { className: "none" }, "Every commit is measured."));
}

// The state of a commit, with the reason, and which later commit stands for it.
function stateOf(platform, commit) {
  const { states } = site.platforms[platform];
  const letter = states[commit];
  const [why, depth] = details.why[platform][commit] ?? [];
  const words = [STATES[letter]];
  if (letter === "r" || letter === "s") {
    const by = states.indexOf("m", commit);
    if (letter === "r") return element("span", {}, mark(letter), "represented by ", commitButton(by));
  }
  if (why) words.push(`: ${why}`);
  if (depth !== null && depth !== undefined) words.push(`, ${depth} in the queue`);
  return element("span", {}, mark(letter), name(words.join("")));
}

const mark = (letter) => element("i", { className: `state ${letter}`, "aria-hidden": "true" });

const ofAll = (shown, total) => total > shown ? `the newest ${shown.toLocaleString("en")} of ${total.toLocaleString("en")}` : total.toLocaleString("en");

function skips() {
  const found = details.skips.filter(([platform]) => shownPlatforms().includes(platform)).reverse();
  if (!found.length) return "";
  const columns = [["decided", ""], ["platform", ""], ["commit", ""], ["reason", ""], ["queue", "number"], ["trigger", ""]];
  const rows = table("", columns, found, ([platform, commit, at, why, depth, trigger]) => [minute(at), name(site.platforms[platform].name), commitButton(commit), name(why), depth === null ? "" : String(depth), trigger === null ? "" : name(trigger)]);
  return element("section", {}, element("div", { className: "title" }, element("h3", {}, "Skips"), element("span", { className: "quiet" }, ofAll(details.skips.length, details.allSkips))), rows);
}

function failures() {
  const found = details.failures.filter(([platform]) => shownPlatforms().includes(platform)).reverse();
  if (!found.length) return "";
  const columns = [["measured", ""], ["platform", ""], ["commit", ""], ["what failed", ""]];
  const rows = table("", columns, found, ([platform, commit, at, what, message]) => [
    minute(at),
    name(site.platforms[platform].name),
    commitButton(commit),
    message ? element("details", { className: "message" }, element("summary", {}, name(what)), element("pre", { tabIndex: 0 }, message)) : name(what),
  ]);
  return element("section", {}, element("div", { className: "title" }, element("h3", {}, "Failures"), element("span", { className: "quiet" }, ofAll(details.failures.length, details.allFailures))), rows);
}

function elsewhere() {
  if (!site.elsewhere.length) return "";
  const main = site.commits.sha.length;
  const rows = site.elsewhere.map((_, at) => main + at);
  const runsOn = (commit) => shownPlatforms().map((platform) => { const { starts } = byCommit(platform); return starts[commit + 1] - starts[commit]; });
  const columns = [["commit", ""], ...shownPlatforms().map((platform) => [site.platforms[platform].name, "number"])];
  return element("section", {}, element("h3", {}, "Measured commits that are not on the main branch"), table("The runs of each.", columns, rows, (commit) => [commitButton(commit), ...runsOn(commit).map((number) => number ? String(number) : "")]));
}

function unreadable() {
  if (!details.unreadable.length) return "";
  const all = site.unreadable.newer + site.unreadable.damaged;
  return element("section", {}, element("div", { className: "title" }, element("h3", {}, "Files that could not be read"), element("span", { className: "quiet" }, ofAll(details.unreadable.length, all))), table("", [["file", "mono"], ["why", ""]], details.unreadable, ([path, why]) => [name(path), name(why)]));
}
