// -- the timeline: one lane per worker -------------------------------------------------------------------------

const box = $("timeline");
const canvas = box.querySelector("canvas");
const lanes = [];
const buildRows = [];
const place = { left: 26, top: 22, bottom: 22, height: 0, bar: 0, width: 0 };

function fillLanes() {
  for (const build of data.builds) { // one below the other while they overlap
    const row = buildRows.find((each) => each.at(-1).start + each.at(-1).wall <= build.start);
    if (row) row.push(build);
    else buildRows.push([build]);
  }
  for (const unit of all) if (ran(unit)) (lanes[units.lane[unit]] ??= []).push(unit);
  for (let lane = 0; lane < lanes.length; lane += 1) {
    (lanes[lane] ??= []).sort((one, other) => units.start[one] - units.start[other]);
  }
}

const end = (unit) => units.start[unit] + units.wall[unit];
const laneEnd = (lane) => lane.reduce((latest, unit) => Math.max(latest, end(unit)), 0);
const span = Math.max(data.span, 1e-6);
const origin = data.builds.reduce((first, build) => Math.min(first, build.start), 0);
const last = data.builds.reduce((latest, build) => Math.max(latest, build.start + build.wall), span);

// The part of the time axis that is shown, in seconds from the start of the first unit.
const zoom = {
  from: origin,
  to: last,
  whole: () => zoom.from <= origin && zoom.to >= last,
  set(from, to) {
    const most = last - origin;
    const least = Math.min(most, Math.max(most / 20000, 1e-3));
    const wide = Number.isFinite(to - from) && to > from ? Math.max(least, Math.min(most, to - from)) : most;
    zoom.from = Number.isFinite(from) ? Math.max(origin, Math.min(last - wide, from)) : origin;
    zoom.to = zoom.from + wide;
  },
  by(factor, around = (zoom.from + zoom.to) / 2) {
    zoom.set(around - (around - zoom.from) * factor, around + (zoom.to - around) * factor);
  },
};

const across = (time) => place.left + (time - zoom.from) / (zoom.to - zoom.from) * (place.width - place.left);
const timeAt = (x) => zoom.from + (x - place.left) / (place.width - place.left) * (zoom.to - zoom.from);
const seen = (from, to) => to > zoom.from && from < zoom.to;
const rowsBefore = () => buildRows.length;
const laneTop = (lane) => place.top + (rowsBefore() + lane) * place.height;

function showZoom() {
  drawTimeline();
  showTip(-1);
  for (const id of ["zoom-out", "zoom-all"]) $(id).disabled = zoom.whole();
}

function rezoom() {
  showZoom();
  writeAddress();
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function hatching(context, colour, ratio) {
  const tile = element("canvas", { width: 6 * ratio, height: 6 * ratio });
  const pen = tile.getContext("2d");
  pen.scale(ratio, ratio);
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  for (const x of [-6, 0, 6]) {
    pen.moveTo(x - 1, 7);
    pen.lineTo(x + 7, -1);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

function step(length, most) {
  const rough = length / most;
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 36000, 86400];
  return steps.find((each) => each >= rough) ?? rough;
}

const tick = (time, each) => Math.abs(time) < 1e-9 ? "0" : each >= 3600 ? `${time / 3600} h` : each >= 60 ? `${time / 60} min` : `${Number(time.toFixed(3))} s`;

function drawTimeline() {
  if (!lanes.length && !buildRows.length) return;
  const ratio = window.devicePixelRatio || 1;
  place.width = box.clientWidth;
  place.height = Math.max(0.5, Math.min(26, 420 / (lanes.length + rowsBefore())));
  place.bar = place.height > 7 ? place.height - (place.height > 16 ? 3 : 1) : place.height;
  const height = laneTop(lanes.length) + place.bottom;
  canvas.width = Math.round(place.width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const colour = colours();
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.save();
  drawGround(context, colour, ratio);
  context.beginPath();
  context.rect(place.left, 0, place.width - place.left, height);
  context.clip();
  drawBuilds(context, colour);
  const late = [];
  for (const lane of lanes) {
    for (const unit of lane) {
      if (!seen(units.start[unit], end(unit))) continue;
      if (units.failed[unit] || unit === data.pole || unit === activeUnit()) late.push(unit);
      else drawUnit(context, colour, unit, "bar", "on-bar");
    }
  }
  late.sort((one, other) => (one === activeUnit()) - (other === activeUnit()));
  for (const unit of late) {
    const kind = units.failed[unit] ? "bad" : unit === data.pole ? "pole" : "bar";
    drawUnit(context, colour, unit, kind, `on-${kind}`);
  }
  drawBound(context, colour);
  context.restore();
  if (selection) drawSelection(context, colour, height);
}

function drawSelection(context, colour, height) {
  const [left, right] = [selection.from, selection.to].sort((one, other) => one - other);
  context.globalAlpha = 0.18;
  context.fillStyle = colour("link");
  context.fillRect(left, place.top, right - left, height - place.top - place.bottom);
  context.globalAlpha = 1;
}

function drawBuilds(context, colour) {
  buildRows.forEach((row, number) => {
    const y = place.top + number * place.height;
    for (const build of row) {
      const x = across(build.start);
      const wide = Math.max(across(build.start + build.wall) - x - 1, 2.5);
      const kind = build.failed ? "bad" : "build";
      context.fillStyle = colour(kind);
      context.fillRect(x, y, wide, place.bar);
      const words = `build ${build.name}  ${seconds(build.wall)}`;
      if (place.bar < 12 || context.measureText(words).width > wide - 10) continue;
      context.fillStyle = colour(`on-${kind}`);
      context.textAlign = "left";
      context.fillText(words, Math.max(x, place.left) + 5, y + place.bar / 2 + 0.5);
    }
  });
}

function drawGround(context, colour, ratio) {
  const bottom = laneTop(lanes.length);
  const each = step(zoom.to - zoom.from, Math.max(2, Math.floor(place.width / 90)));
  context.textAlign = "center";
  const hatch = hatching(context, colour("hatch"), ratio);
  const numbered = Math.max(1, Math.ceil(13 / place.height));
  buildRows.forEach((_, number) => {
    context.fillStyle = colour("track");
    context.fillRect(place.left, place.top + number * place.height, place.width - place.left, place.bar);
  });
  lanes.forEach((lane, number) => {
    const y = laneTop(number);
    const idle = laneEnd(lane);
    const [left, right] = [Math.max(place.left, across(idle)), Math.max(place.left, Math.min(place.width, across(span)))];
    context.fillStyle = colour("track");
    context.fillRect(place.left, y, place.width - place.left, place.bar);
    context.fillStyle = hatch;
    if (right > left) context.fillRect(left, y, right - left, place.bar);
    context.fillStyle = colour("quiet");
    if (number % numbered === 0) {
      context.textAlign = "right";
      context.fillText(String(number + 1), place.left - 7, y + place.bar / 2 + 0.5);
    }
    const words = `idle ${seconds(span - idle)}`;
    const wide = context.measureText(words).width;
    if (place.bar >= 12 && right - left > wide + 24) {
      const middle = (left + right) / 2;
      context.fillStyle = colour("track");
      context.fillRect(middle - wide / 2 - 5, y, wide + 10, place.bar);
      context.fillStyle = colour("quiet");
      context.textAlign = "center";
      context.fillText(words, middle, y + place.bar / 2 + 0.5);
    }
  });
  for (let time = Math.ceil(zoom.from / each - 1e-9) * each; time <= zoom.to; time += each) {
    const x = Math.round(across(time)) + 0.5;
    context.fillStyle = colour("line");
    context.fillRect(x - 0.5, place.top - 5, 1, bottom - place.top + 5);
    const words = tick(time, each);
    context.fillStyle = colour("quiet");
    const half = context.measureText(words).width / 2;
    context.textAlign = "center";
    if (x + half <= place.width) context.fillText(words, Math.max(x, place.left + half), 8);
  }
}

function extent(unit) {
  const x = across(units.start[unit]);
  return { x, y: laneTop(units.lane[unit]), wide: across(end(unit)) - x };
}

function drawUnit(context, colour, unit, ground, ink) {
  const { x, y, wide } = extent(unit);
  const least = ground === "bar" ? 0.3 : 2.5;
  const drawn = wide > 4 ? wide - 1 : Math.max(wide, least);
  context.globalAlpha = state.shown[unit] ? 1 : 0.18;
  context.fillStyle = colour(ground);
  context.fillRect(x, y, drawn, place.bar);
  if (unit === data.pole) {
    context.fillStyle = colour(ink);
    context.fillRect(x, y + place.bar - Math.min(3, place.bar / 3), drawn, Math.min(3, place.bar / 3));
  }
  if (place.bar >= 12 && drawn > 34) {
    context.fillStyle = colour(ink);
    context.textAlign = "left";
    const left = Math.max(x, place.left);
    context.fillText(fitting(context, unit, Math.min(x + drawn, place.width) - left - 10), left + 5, y + place.bar / 2 + 0.5);
  }
  context.globalAlpha = 1;
  if (unit === activeUnit()) {
    context.strokeStyle = colour("text");
    context.lineWidth = 2;
    context.strokeRect(x - 1, y - 1, Math.max(drawn, 3) + 2, place.bar + 2);
  }
}

function fitting(context, unit, wide) {
  const id = units.id[unit];
  const short = id.slice(id.indexOf("/") + 1);
  const took = `${id}  ${seconds(units.wall[unit])}`;
  for (const words of [took, id, short]) if (context.measureText(words).width <= wide) return words;
  const letters = Math.floor(wide / (context.measureText(short).width / short.length)) - 1;
  return letters >= 3 ? `${short.slice(0, letters)}…` : "";
}

function drawBound(context, colour) {
  const bottom = laneTop(lanes.length);
  if (!data.bound) return;
  const x = across(Math.min(data.bound, span));
  context.strokeStyle = colour("text");
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x, place.top - 4);
  context.lineTo(x, bottom + 5);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colour("text");
  const words = `least possible ${seconds(data.bound)}`;
  const wide = context.measureText(words).width;
  context.textAlign = "left";
  context.fillText(words, Math.max(place.left, Math.min(x - wide / 2, place.width - wide)), bottom + 13);
}
