// -- two commits side by side -----------------------------------------------------------------------------------------

async function showCompare(isCurrent) {
  if (view.metric === null) { show(element("p", { className: "none" }, "There are no results yet.")); return; }
  await Promise.all([needMetric(view.metric, shownPlatforms()), needDetails()]);
  if (!isCurrent()) return;
  const [a, b] = compared();
  const parts = [element("h2", {}, "Compare two commits"), pair(a, b)];
  if (a < 0 || b < 0) parts.push(element("p", { className: "none" }, a < 0 && b < 0 && !view.a && !view.b ? "Fewer than two commits were measured." : "Name two measured commits."));
  else {
    for (const platform of shownPlatforms()) parts.push(comparison(platform, a, b));
    parts.push(element("p", { className: "quiet" }, "“within the spread” means that the runs of the two commits overlap. For a test of significance: ", element("code", {}, `longpole perf compare ${short(a)} ${short(b)}`)));
  }
  show(...parts);
  drawn();
}

// The commits that are compared: those of the address, else the newest measured one and the one before it.
function compared() {
  const measured = measuredOnAny();
  const read = (text, otherwise) => {
    if (!text) return otherwise ?? -1;
    const found = commitOf(text);
    return found;
  };
  return [read(view.a, measured.at(-2)), read(view.b, measured.at(-1))];
}

// The measured commits of the platforms that are shown, the oldest first; those of other branches come last.
function measuredOnAny() {
  const total = site.commits.sha.length + site.elsewhere.length;
  const found = [];
  for (let commit = 0; commit < total; commit += 1) {
    if (shownPlatforms().some((platform) => { const { starts } = byCommit(platform); return starts[commit + 1] > starts[commit]; })) found.push(commit);
  }
  return found.filter(isMain).length > 1 ? found.filter(isMain) : found;
}

function pair(a, b) {
  const list = element("datalist", { id: "measured" }, ...measuredOnAny().slice(-500).reverse().map((commit) => element("option", { value: short(commit) }, `${dayOf(commit)} ${subjectOf(commit).slice(0, 60)}`)));
  const field = (word, which, commit) => {
    const input = element("input", { type: "search", value: view[which] || (commit >= 0 ? short(commit) : ""), autocomplete: "off", spellcheck: false, "aria-invalid": String(commit < 0) });
    input.setAttribute("list", "measured");
    input.addEventListener("change", () => go({ [which]: input.value.trim() }, { add: true }));
    return element("label", { className: "field" }, `${word} `, input, element("span", { className: "quiet" }, commit >= 0 ? dayOf(commit) : "unknown commit"));
  };
  const swap = element("button", { type: "button" }, "Swap");
  swap.addEventListener("click", () => go({ a: b >= 0 ? short(b) : view.b, b: a >= 0 ? short(a) : view.a }, { add: true }));
  return element("div", { className: "pair" }, field("before", "a", a), field("after", "b", b), swap, list);
}

function comparison(platform, a, b) {
  const matches = matcher(view.q);
  const title = element("h3", {}, name(site.platforms[platform].name));
  const rows = benchmarksOf(view.metric).filter(matches).map((benchmark) => rowOf(platform, benchmark, a, b)).filter((row) => row !== null);
  if (!rows.length) return element("section", {}, title, element("p", { className: "none" }, `${label(view.metric)} was not measured at ${missing(platform, a, b)}.`));
  rows.sort((one, other) => Math.abs(Math.log(other.ratio)) - Math.abs(Math.log(one.ratio)) || one.benchmark - other.benchmark);
  const widest = Math.max(Math.log(1.05), Math.abs(Math.log(rows[0].ratio)));
  const columns = [["benchmark", ""], [short(a), "number"], [short(b), "number"], ["change", "number"], ["", "of-bar"], ["", "verdict"], ["runs", "number"]];
  return element("section", {}, title, table(`${label(view.metric)}, medians`, columns, rows, (row) => [
    link({ view: "trends", benchmark: row.benchmark, a: "", b: "", q: "" }, name(site.benchmarks[row.benchmark])),
    amount(row.before, row.unit),
    amount(row.after, row.unit),
    element("b", { className: row.verdict }, change(row.ratio)),
    bar(row, widest),
    row.words,
    `${row.runs[0]}, ${row.runs[1]}`,
  ], { headings: true }));
}

const missing = (platform, a, b) => {
  const has = (commit) => { const { starts } = byCommit(platform); return starts[commit + 1] > starts[commit]; };
  return [a, b].filter((commit) => !has(commit)).map(short).join(" and ") || "one of them";
};

// A benchmark at two commits. It is better or worse only if no run of one is among those of the other.
function rowOf(platform, benchmark, a, b) {
  const found = column(platform, view.metric, benchmark);
  if (!found) return null;
  const [before, after] = [a, b].map((commit) => valuesAt(platform, found, commit).sort((one, other) => one - other));
  if (!before.length || !after.length) return null;
  const ratio = median(after) / median(before);
  const apart = before.at(-1) < after[0] || after.at(-1) < before[0];
  const single = before.length < 2 && after.length < 2;
  const worse = found.lower ? ratio > 1 : ratio < 1;
  const same = before[0] === after[0] && before.at(-1) === after.at(-1);
  const words = same ? "equal" : !apart ? "within the spread" : single ? `${worse ? "worse" : "better"}, one run each` : worse ? "worse" : "better";
  const verdict = !apart || same || !Number.isFinite(ratio) ? "quiet" : worse ? "bad" : "good";
  return { benchmark, before: median(before), after: median(after), unit: found.unit, ratio: Number.isFinite(ratio) && ratio > 0 ? ratio : 1, verdict, words, runs: [before.length, after.length] };
}

// A bar to the right for more, to the left for less; its length is that of the ratio on a logarithmic scale.
function bar({ ratio, verdict }, widest) {
  const size = Math.min(1, Math.abs(Math.log(ratio)) / widest);
  const made = element("i", { className: verdict });
  made.style.width = `${(size * 50).toFixed(2)}%`;
  made.style[ratio > 1 ? "left" : "right"] = "50%";
  made.style[ratio > 1 ? "right" : "left"] = "auto";
  return element("span", { className: "bar", "aria-hidden": "true" }, made);
}
