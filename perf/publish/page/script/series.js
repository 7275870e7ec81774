// -- series: the numbers of a benchmark on a platform, by run and by commit -------------------------------------------

// The column of a benchmark in a file of numbers: { values by run of the platform, unit, lower }, or null.
const columns = new Map();
function column(platform, metric, benchmark) {
  const id = `${platform}/${metric}/${benchmark}`;
  if (!columns.has(id)) {
    const number = site.series.findIndex(([p, m]) => p === platform && m === metric);
    const file = numbers.get(number);
    if (number >= 0 && !file) return null; // not loaded yet
    const at = file ? file.benchmarks.indexOf(benchmark) : -1;
    if (at < 0) columns.set(id, null);
    else {
      const scale = 10 ** -file.places[at];
      const divide = file.places[at] > 0 ? 10 ** file.places[at] : 0; // dividing rounds better than multiplying by 0.001
      const values = new Array(site.platforms[platform].commit.length).fill(null);
      file.values[at].forEach((value, row) => {
        if (value !== null) values[file.runs ? file.runs[row] : row] = divide ? value / divide : value * scale;
      });
      columns.set(id, { values, unit: file.units[at], lower: file.lower[at] === 1 });
    }
  }
  return columns.get(id);
}

function median(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// The values of a benchmark at a commit, by time.
function valuesAt(platform, found, commit) {
  const { starts, runs } = byCommit(platform);
  const values = [];
  for (let at = starts[commit]; at < starts[commit + 1]; at += 1) {
    const value = found.values[runs[at]];
    if (value !== null) values.push(value);
  }
  return values;
}

// For each commit of the main branch: the median of its runs, the least, the greatest, and their number. A commit
// without a run has null everywhere: it is a gap, never a value between its neighbours.
const known = new Map();
function series(platform, metric, benchmark) {
  const id = `${platform}/${metric}/${benchmark}`;
  if (!known.has(id)) {
    const found = column(platform, metric, benchmark);
    if (!found) return null;
    const total = site.commits.sha.length;
    const made = { ...found, platform, metric, benchmark, middle: new Array(total).fill(null), low: new Array(total).fill(null), high: new Array(total).fill(null), count: new Int32Array(total), commits: [] };
    const { starts } = byCommit(platform);
    for (let commit = 0; commit < total; commit += 1) {
      if (starts[commit] === starts[commit + 1]) continue;
      const values = valuesAt(platform, found, commit);
      if (!values.length) continue;
      values.sort((one, other) => one - other);
      made.middle[commit] = median(values);
      made.low[commit] = values[0];
      made.high[commit] = values.at(-1);
      made.count[commit] = values.length;
      made.commits.push(commit);
    }
    known.set(id, made);
  }
  return known.get(id);
}

// The series of a benchmark that are shown, those of the metric beside it too: each with its colour and dashes.
function linesOf(benchmark, metric = view.metric, beside = view.beside) {
  const found = [];
  for (const platform of shownPlatforms()) {
    for (const [each, dashed] of [[metric, false], [beside, true]]) {
      if (each === null || (dashed && each === metric)) continue;
      const one = series(platform, each, benchmark);
      if (one && one.commits.length) found.push({ ...one, dashed: dashed || platform >= 6, colour: colourOf(platform), label: beside === null || beside === metric ? site.platforms[platform].name : `${site.platforms[platform].name} ${site.metrics[each]}` });
    }
  }
  const unit = found[0]?.unit;
  return found.filter((one) => one.unit === unit);
}

// The benchmarks that have a metric on a platform that is shown. Units of a test suite come after others.
function benchmarksOf(metric) {
  const found = new Set();
  for (const { number } of filesOf(metric, shownPlatforms())) numbers.get(number)?.benchmarks.forEach((each) => found.add(each));
  const isUnit = (each) => site.benchmarks[each].startsWith("unit ") ? 1 : 0;
  return [...found].sort((one, other) => isUnit(one) - isUnit(other) || one - other);
}

// Words are all part of the name; with * or ? the text is a glob over the whole name.
function matcher(text) {
  const wanted = text.trim().toLowerCase();
  if (/[*?]/.test(wanted)) {
    const pattern = new RegExp(`^${wanted.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`, "su");
    return (benchmark) => pattern.test(site.benchmarks[benchmark].toLowerCase());
  }
  const words = wanted.split(/\s+/);
  return (benchmark) => words.every((word) => site.benchmarks[benchmark].toLowerCase().includes(word));
}
