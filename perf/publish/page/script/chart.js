// -- charts -----------------------------------------------------------------------------------------------------------

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SNAP = 16; // pixels within which the pointer finds a value

let charts = []; // those on the screen: { plot, place }, taken away before others are drawn

function clearCharts() {
  for (const { plot, watcher } of charts) { watcher?.disconnect(); plot.destroy(); }
  charts = [];
}

// What a chart shows: places along the axis (commits, or runs by time), and for each line a value for each place.
// null is a gap; undefined is a place that belongs to another line.
function chartData(lines) {
  const [from, to] = range();
  const base = (line) => {
    if (view.scale !== "relative") return 1;
    const shown = line.commits.filter((commit) => commit >= from && commit <= to).map((commit) => line.middle[commit]);
    return median(shown.sort((one, other) => one - other)) || 1;
  };
  if (view.along === "runs") return runData(lines, from, to, base);
  const places = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const bases = lines.map(base);
  const rows = lines.map((line, at) => {
    const shown = line.middle.slice(from, to + 1);
    return bases[at] === 1 ? shown : shown.map((value) => value === null ? null : value / bases[at]);
  });
  return { places, rows, bases, commitAt: (place) => place, unit: view.scale === "relative" ? "relative" : lines[0].unit };
}

function runData(lines, from, to, base) {
  const found = [];
  lines.forEach((line, at) => {
    const { commit, at: times } = site.platforms[line.platform];
    const divisor = base(line);
    line.values.forEach((value, run) => {
      if (value !== null && commit[run] >= from && commit[run] <= to) found.push({ at, time: times[run], commit: commit[run], value: value / divisor });
    });
  });
  found.sort((one, other) => one.time - other.time || one.at - other.at);
  const rows = lines.map((_, at) => found.map((each) => each.at === at ? each.value : undefined));
  return { places: found.map((_, place) => place), rows, bases: lines.map(base), commitAt: (place) => found[place]?.commit, timeAt: (place) => found[place]?.time, unit: view.scale === "relative" ? "relative" : lines[0].unit };
}

function dateLabels(data, splits) {
  let before = "";
  return splits.map((split) => {
    if (!Number.isInteger(split)) return "";
    const at = data.timeAt ? data.timeAt(split) : site.commits.at[split];
    if (at === null || at === undefined) return "";
    const date = new Date(at * 1000);
    const label = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
    if (label === before) return "";
    before = label;
    return label;
  });
}

// The range of the axis of values: fitted to what is shown, with room above and below; flat lines are in the middle.
function valueRange(low, high) {
  if (low === null || high === null) return [0, 1];
  if (view.scale === "zero") return [Math.min(0, low * 1.08), Math.max(0, high * 1.08) || 1];
  const room = (high - low) * 0.12 || Math.abs(high) * 0.02 || 1;
  return [low - room, high + room];
}

function options(place, lines, data, large) {
  const quiet = colour("--quiet");
  const grid = { stroke: colour("--grid"), width: 1 };
  const font = "11px system-ui, sans-serif";
  data.dense = data.places.length > place.clientWidth;
  const line = (each) => ({
    label: each.label,
    stroke: each.colour,
    width: large ? 1.75 : 1.4,
    dash: each.dashed ? [5, 4] : undefined,
    paths: view.along === "runs" ? () => null : undefined,
    points: { show: !data.dense, size: (large ? 6 : 4.5) * (view.along === "runs" ? 0.65 : 1), width: 1, stroke: each.colour, fill: each.dashed ? colour("--ground") : each.colour },
  });
  return {
    width: place.clientWidth,
    height: place.clientHeight,
    pxAlign: 0,
    legend: { show: false },
    scales: { x: { time: false, range: (_, low, high) => [low - 0.6, high + 0.6] }, y: { range: (_, low, high) => valueRange(low, high) } },
    padding: [10, 20, 0, 0],
    axes: [
      { stroke: quiet, font, grid: { show: false }, ticks: { ...grid, size: 4 }, size: 26, gap: 3, space: large ? 70 : 62, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000], values: (_, splits) => dateLabels(data, splits) },
      { stroke: quiet, font, grid, ticks: { show: false }, size: 66, gap: 4, space: large ? 40 : 28, values: (_, splits) => { const step = unitOf(Math.max(...splits.map(Math.abs)), data.unit); return splits.map((split) => axisLabel(split, splits, data.unit, step)); } },
    ],
    cursor: { x: true, y: false, points: { size: 9 }, drag: { x: true, y: false, setScale: false }, dataIdx: (plot, series, hovered) => nearest(plot, series, hovered) },
    series: [{}, ...lines.map(line)],
    hooks: {
      drawClear: [(plot) => drawChanges(plot, lines, data, large)],
      drawSeries: [(plot, series) => drawSpread(plot, lines[series - 1], data, data.bases[series - 1]), (plot, series) => drawDense(plot, series, lines[series - 1], data, large)],
      setSelect: [(plot) => zoomTo(plot, data)],
    },
  };
}

// As many decimal places as tell the labels of an axis apart.
function axisLabel(value, all, unit, [scale, name]) {
  if (unit === "relative") [scale, name] = [0.01, "%"];
  const step = all.length > 1 ? Math.abs(all[1] - all[0]) / scale : 1;
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return `${grouped(value / scale, digits)}${name ? ` ${name}` : ""}`;
}

// The place of the value that is nearest to the pointer, or the place below it if there is none nearby.
function nearest(plot, series, hovered) {
  const has = (at) => plot.data.some((row, number) => number > 0 && (series === 0 || number === series) && row[at] != null);
  if (has(hovered)) return hovered;
  const position = (at) => plot.valToPos(plot.data[0][at], "x");
  const here = position(hovered);
  for (let step = 1; step < plot.data[0].length; step += 1) {
    const near = [hovered - step, hovered + step].filter((at) => at >= 0 && at < plot.data[0].length && Math.abs(position(at) - here) <= SNAP);
    if (!near.length) return hovered;
    const found = near.find(has);
    if (found !== undefined) return found;
  }
  return hovered;
}

function inside(plot, draw) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx, bbox);
  ctx.restore();
}

// Changes as bands over the commits that they may be due to, with an arrow for worse or better.
function drawChanges(plot, lines, data, large) {
  if (data.timeAt) return;
  inside(plot, (ctx, { top, height }) => {
    const seen = new Set(); // what changed on several platforms at once is one band
    for (const each of changesOfLines(lines, large)) {
      const same = `${each.before} ${each.after} ${each.worse}`;
      if (seen.has(same)) continue;
      seen.add(same);
      if (typeof each.before !== "number" || typeof each.after !== "number") continue;
      const left = plot.valToPos(each.before, "x", true);
      const right = Math.max(plot.valToPos(each.after, "x", true), left + 2 * devicePixelRatio);
      ctx.fillStyle = colour(each.worse ? "--bad-band" : "--good-band");
      ctx.fillRect(left, top, right - left, height);
      ctx.fillStyle = colour(each.worse ? "--bad" : "--good");
      ctx.fillRect(right - devicePixelRatio, top, 1.5 * devicePixelRatio, height);
      const [tip, foot, half] = [top + (each.worse ? 1 : 9) * devicePixelRatio, top + (each.worse ? 9 : 1) * devicePixelRatio, 5 * devicePixelRatio];
      ctx.beginPath();
      ctx.moveTo(right, tip);
      ctx.lineTo(right - half, foot);
      ctx.lineTo(right + half, foot);
      ctx.fill();
    }
  });
}

// The changes of what is drawn; also those that all benchmarks have in common, if they are wanted.
const changesOfLines = (lines, common = true) => changesOf((each) => lines.some((line) => line.platform === each.platform && line.metric === each.metric && (line.benchmark === each.benchmark || (common && each.benchmark < 0))));

// From the least to the greatest value of a commit that was measured several times.
function drawSpread(plot, line, data, base) {
  if (!line || data.timeAt) return;
  inside(plot, (ctx) => {
    ctx.strokeStyle = line.colour;
    ctx.globalAlpha = 0.38;
    ctx.lineWidth = devicePixelRatio * 1.5;
    ctx.beginPath();
    for (const commit of line.commits) {
      if (line.count[commit] < 2 || commit < data.places[0] || commit > data.places.at(-1)) continue;
      const x = plot.valToPos(commit, "x", true);
      ctx.moveTo(x, plot.valToPos(line.low[commit] / base, "y", true));
      ctx.lineTo(x, plot.valToPos(line.high[commit] / base, "y", true));
    }
    ctx.stroke();
  });
}

// Where there are more places than pixels a point is a small square, and one that covers another is drawn once: ten
// thousand circles would take a second. All values have one, so that those without neighbours are seen, too.
function drawDense(plot, series, line, data, large) {
  if (!line || !data.dense) return;
  inside(plot, (ctx) => {
    const size = (large ? 3 : 2) * devicePixelRatio;
    ctx.fillStyle = line.colour;
    let before = "";
    plot.data[series].forEach((value, at) => {
      if (value === null || value === undefined) return;
      const x = Math.round(plot.valToPos(data.places[at], "x", true));
      const y = Math.round(plot.valToPos(value, "y", true));
      const here = `${x} ${y}`;
      if (here !== before) ctx.fillRect(x - size / 2, y - size / 2, size, size);
      before = here;
    });
  });
}

// What was dragged across becomes the range of commits.
function zoomTo(plot, data) {
  const { left, width } = plot.select;
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  if (width < 8) return;
  const commits = [plot.posToIdx(left), plot.posToIdx(left + width)].map((at) => data.commitAt(data.places[at])).filter((each) => each !== undefined).sort((one, other) => one - other);
  if (commits.length === 2 && commits[1] > commits[0]) go({ from: short(commits[0]), to: short(commits[1]) }, { add: true });
}

// Draws lines into a place of the page, which has its size. `hover` is called with a commit (or null) and its place.
function drawChart(place, lines, { large = false, hover } = {}) {
  const data = chartData(lines);
  const plot = new uPlot(options(place, lines, data, large), [data.places, ...data.rows], place);
  plot.root.setAttribute("aria-hidden", "true");
  const here = () => plot.cursor.idx ?? null;
  const commitHere = () => here() === null ? null : data.commitAt(data.places[nearest(plot, 0, here())]) ?? null;
  if (hover) (plot.hooks.setCursor ??= []).push(() => hover(commitHere()));
  let pressed = 0;
  plot.over.addEventListener("mousedown", (event) => { pressed = event.clientX; });
  plot.over.addEventListener("click", (event) => {
    const commit = commitHere();
    if (Math.abs(event.clientX - pressed) < 5 && commit !== null) openCommit(commit, lines[0]?.benchmark ?? null);
  });
  const watcher = new ResizeObserver(() => {
    if (place.clientWidth && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: place.clientHeight });
  });
  watcher.observe(place);
  charts.push({ plot, place, data, watcher });
  return { plot, data };
}

// A strip below a chart: what is known of each commit, as wide as the chart's plot.
function drawStrip(place, platform, plot) {
  const [from, to] = range();
  const canvas = element("canvas", { "aria-hidden": "true" });
  place.append(canvas);
  const left = plot.bbox.left / devicePixelRatio;
  const width = plot.bbox.width / devicePixelRatio;
  canvas.width = Math.round(place.clientWidth * devicePixelRatio);
  canvas.height = 10 * devicePixelRatio;
  const ctx = canvas.getContext("2d");
  ctx.scale(devicePixelRatio, devicePixelRatio);
  const colours = Object.fromEntries(Object.entries(STATES).map(([letter, word]) => [letter, colour(`--${word}`)]));
  const total = to - from + 1.2; // as wide as the range of the chart's axis
  const step = width / total;
  const states = site.platforms[platform].states;
  for (const letter of "urfsm") { // what is rarer or says more is drawn later
    ctx.fillStyle = colours[letter];
    for (let commit = from; commit <= to; commit += 1) {
      if (states[commit] === letter) ctx.fillRect(left + (commit - from + 0.1) * step, letter === "m" ? 0 : 2, Math.max(1, step - (step > 3 ? 1 : 0)), letter === "m" ? 10 : 6);
    }
  }
}
