"use strict";
// Draws the timeline and the table of units from the JSON in the page. Text from the data is always inserted as text.
// long: one closure, whose parts share the state of the page; it is inlined as it stands.
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const units = data.units;
  const total = units.id.length;
  const all = Array.from({ length: total }, (_, unit) => unit);
  const ran = (unit) => units.start[unit] !== null;
  const status = (unit) => data.statuses[units.status[unit]];

  const state = { matching: all, shown: new Uint8Array(total).fill(1), order: all, sort: "rank", down: false, active: -1 };

  // -- words ---------------------------------------------------------------------------------------------------

  const pad = (number) => String(number).padStart(2, "0");

  function seconds(value) {
    if (value < 59.995) return `${value.toFixed(2)} s`;
    if (value < 3599.5) return `${Math.floor(Math.round(value) / 60)} min ${pad(Math.round(value) % 60)} s`;
    return `${Math.floor(Math.round(value / 60) / 60)} h ${pad(Math.round(value / 60) % 60)} min`;
  }

  function bytes(value) {
    if (value < 2 ** 20) return `${(value / 2 ** 10).toFixed(0)} KiB`;
    return value < 2 ** 30 ? `${(value / 2 ** 20).toFixed(0)} MiB` : `${(value / 2 ** 30).toFixed(2)} GiB`;
  }

  const described = (unit) => ran(unit)
    ? `${units.id[unit]}, ${status(unit)}, ${seconds(units.wall[unit])}, worker ${units.lane[unit] + 1}, from ${seconds(units.start[unit])}`
    : `${units.id[unit]}, ${status(unit)}`;

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made) made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  // -- the filter ----------------------------------------------------------------------------------------------

  // As FILTER= does: a word with a wildcard is a glob over the whole id, a word without one is a part of the id.
  function predicate(word) {
    if (!/[*?]/.test(word)) {
      const part = word.toLowerCase();
      return (id) => id.toLowerCase().includes(part);
    }
    const pattern = word.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, ".");
    const glob = new RegExp(`^${pattern}$`, "is");
    return (id) => glob.test(id);
  }

  function applyFilter() {
    const tests = $("query").value.split(/\s+/).filter(Boolean).map(predicate);
    const variant = $("variant").value;
    const outcomes = new Set([...document.querySelectorAll("#outcomes input:checked")].map((box) => Number(box.value)));
    state.matching = all.filter((unit) =>
      (variant === "" || units.variant[unit] === Number(variant)) &&
      (outcomes.size === 0 || outcomes.has(units.status[unit])) &&
      tests.every((test) => test(units.id[unit])));
    state.shown.fill(0);
    for (const unit of state.matching) state.shown[unit] = 1;
    const some = state.matching.length === total ? "" : `${state.matching.length.toLocaleString("en")} of `;
    $("shown").textContent = `${some}${total.toLocaleString("en")} ${total === 1 ? "unit" : "units"}`;
    for (const failure of document.querySelectorAll(".failure")) failure.hidden = !state.shown[failure.dataset.unit];
    sortRows();
    drawTimeline();
  }

  function fillFilter() {
    data.variants.forEach((name, number) => $("variant").append(element("option", { value: String(number) }, name)));
    const counts = new Array(data.statuses.length).fill(0);
    for (const number of units.status) counts[number] += 1;
    data.statuses.forEach((name, number) => $("outcomes").append(element("label", { className: "chip" },
      element("input", { type: "checkbox", value: String(number) }), name, element("b", {}, counts[number].toLocaleString("en")))));
    $("filter").addEventListener("input", applyFilter);
    $("filter").addEventListener("submit", (event) => event.preventDefault());
  }

  // -- the timeline: one lane per worker -------------------------------------------------------------------------

  const box = $("timeline");
  const canvas = box.querySelector("canvas");
  const lanes = [];
  const place = { left: 26, top: 22, bottom: 22, height: 0, bar: 0, width: 0 };

  function fillLanes() {
    for (const unit of all) if (ran(unit)) (lanes[units.lane[unit]] ??= []).push(unit);
    for (let lane = 0; lane < lanes.length; lane += 1) {
      (lanes[lane] ??= []).sort((one, other) => units.start[one] - units.start[other]);
    }
  }

  const end = (unit) => units.start[unit] + units.wall[unit];
  const laneEnd = (lane) => lane.reduce((latest, unit) => Math.max(latest, end(unit)), 0);
  const span = Math.max(data.span, 1e-6);
  const across = (time) => place.left + time / span * (place.width - place.left);

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

  const tick = (time, each) => time === 0 ? "0" : each >= 3600 ? `${time / 3600} h` : each >= 60 ? `${time / 60} min` : `${Number(time.toFixed(2))} s`;

  function drawTimeline() {
    if (!lanes.length) return;
    const ratio = window.devicePixelRatio || 1;
    place.width = box.clientWidth;
    place.height = Math.max(0.5, Math.min(26, 420 / lanes.length));
    place.bar = place.height > 7 ? place.height - (place.height > 16 ? 3 : 1) : place.height;
    const height = place.top + place.height * lanes.length + place.bottom;
    canvas.width = Math.round(place.width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const colour = colours();
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    drawGround(context, colour, ratio);
    const late = [];
    for (const lane of lanes) {
      for (const unit of lane) {
        if (units.failed[unit] || unit === data.longest || unit === state.active) late.push(unit);
        else drawUnit(context, colour, unit, "bar", "on-bar");
      }
    }
    late.sort((one, other) => (one === state.active) - (other === state.active));
    for (const unit of late) {
      const kind = units.failed[unit] ? "bad" : unit === data.longest ? "pole" : "bar";
      drawUnit(context, colour, unit, kind, `on-${kind}`);
    }
    drawBound(context, colour);
  }

  function drawGround(context, colour, ratio) {
    const bottom = place.top + place.height * lanes.length;
    const each = step(span, Math.max(2, Math.floor(place.width / 90)));
    context.textAlign = "center";
    const hatch = hatching(context, colour("hatch"), ratio);
    const numbered = Math.max(1, Math.ceil(13 / place.height));
    lanes.forEach((lane, number) => {
      const y = place.top + number * place.height;
      const idle = laneEnd(lane);
      context.fillStyle = colour("track");
      context.fillRect(place.left, y, place.width - place.left, place.bar);
      context.fillStyle = hatch;
      context.fillRect(across(idle), y, across(span) - across(idle), place.bar);
      context.fillStyle = colour("quiet");
      if (number % numbered === 0) {
        context.textAlign = "right";
        context.fillText(String(number + 1), place.left - 7, y + place.bar / 2 + 0.5);
      }
      const words = `idle ${seconds(span - idle)}`;
      const wide = context.measureText(words).width;
      if (place.bar >= 12 && across(span) - across(idle) > wide + 24) {
        const middle = (across(idle) + across(span)) / 2;
        context.fillStyle = colour("track");
        context.fillRect(middle - wide / 2 - 5, y, wide + 10, place.bar);
        context.fillStyle = colour("quiet");
        context.textAlign = "center";
        context.fillText(words, middle, y + place.bar / 2 + 0.5);
      }
    });
    for (let time = 0; time <= span; time += each) {
      const x = Math.round(across(time)) + 0.5;
      context.fillStyle = colour("line");
      context.fillRect(x - 0.5, place.top - 5, 1, bottom - place.top + 5);
      const words = tick(time, each);
      context.fillStyle = colour("quiet");
      context.textAlign = time === 0 ? "left" : "center";
      if (x + context.measureText(words).width / 2 <= place.width) context.fillText(words, x - (time === 0 ? 1 : 0), 8);
    }
  }

  function extent(unit) {
    const x = across(units.start[unit]);
    return { x, y: place.top + units.lane[unit] * place.height, wide: across(end(unit)) - x };
  }

  function drawUnit(context, colour, unit, ground, ink) {
    const { x, y, wide } = extent(unit);
    const least = ground === "bar" ? 0.3 : 2.5;
    const drawn = wide > 4 ? wide - 1 : Math.max(wide, least);
    context.globalAlpha = state.shown[unit] ? 1 : 0.18;
    context.fillStyle = colour(ground);
    context.fillRect(x, y, drawn, place.bar);
    if (unit === data.longest) {
      context.fillStyle = colour(ink);
      context.fillRect(x, y + place.bar - Math.min(3, place.bar / 3), drawn, Math.min(3, place.bar / 3));
    }
    if (place.bar >= 12 && drawn > 34) {
      context.fillStyle = colour(ink);
      context.textAlign = "left";
      context.fillText(fitting(context, unit, drawn - 10), x + 5, y + place.bar / 2 + 0.5);
    }
    context.globalAlpha = 1;
    if (unit === state.active) {
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
    const bottom = place.top + place.height * lanes.length;
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

  // The unit at a point of the canvas, or the nearest within a few pixels; -1 where there is none.
  function unitAt(x, y) {
    const lane = lanes[Math.floor((y - place.top) / place.height)] ?? [];
    let best = -1;
    let distance = 4;
    for (const unit of lane) {
      const left = across(units.start[unit]);
      const away = Math.max(left - x, x - across(end(unit)), 0);
      if (away < distance) [best, distance] = [unit, away];
    }
    return best;
  }

  function showTip(unit) {
    const tip = $("tip");
    tip.hidden = unit < 0;
    if (unit < 0) return;
    const note = units.note[unit] ? ` (${units.note[unit].slice(0, 200)})` : "";
    tip.textContent = `${units.id[unit]}: ${status(unit)}${note}, ${seconds(units.wall[unit])} from ${seconds(units.start[unit])}`;
    const { x, y } = extent(unit);
    tip.style.left = `${Math.max(0, Math.min(x, place.width - tip.offsetWidth))}px`;
    tip.style.top = `${y + place.height + 5}px`;
  }

  function beginTimeline() {
    fillLanes();
    if (!lanes.length) return;
    box.hidden = $("legend").hidden = false;
    if (!units.failed.includes(1)) document.querySelector(".swatch.bad").parentElement.hidden = true;
    box.addEventListener("pointermove", (event) => {
      const unit = unitAt(event.offsetX, event.offsetY);
      box.style.cursor = unit < 0 ? "default" : "pointer";
      showTip(unit);
    });
    box.addEventListener("pointerleave", () => showTip(-1));
    box.addEventListener("blur", () => showTip(-1));
    box.addEventListener("click", (event) => open(unitAt(event.offsetX, event.offsetY)));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") open(state.active);
      else if (event.key === "Escape") showTip(-1);
      else if (!walk(event.key)) return;
      event.preventDefault();
    });
    new ResizeObserver(drawTimeline).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawTimeline);
  }

  // Left and right along a lane, up and down to what ran at the same time; only units that match the filter.
  function walk(key) {
    const matching = lanes.map((lane) => lane.filter((unit) => state.shown[unit]));
    const first = matching.find((lane) => lane.length)?.[0] ?? -1;
    const known = state.active >= 0 && ran(state.active) && state.shown[state.active];
    const number = known ? units.lane[state.active] : 0;
    const at = known ? matching[number].indexOf(state.active) : -1;
    let next;
    if (!known && key.startsWith("Arrow")) next = first;
    else if (key === "ArrowRight") next = matching[number][at + 1];
    else if (key === "ArrowLeft") next = matching[number][at - 1];
    else if (key === "Home") next = first;
    else if (key === "End") next = matching.flat().reduce((last, unit) => last < 0 || end(unit) > end(last) ? unit : last, -1);
    else if (key === "ArrowDown" || key === "ArrowUp") {
      const rows = key === "ArrowDown" ? matching.slice(number + 1) : matching.slice(0, number).reverse();
      const time = units.start[state.active] + units.wall[state.active] / 2;
      const lane = rows.find((row) => row.length) ?? [];
      next = lane.findLast((unit) => units.start[unit] <= time) ?? lane[0];
    } else return false;
    if (next !== undefined && next >= 0) {
      activate(next);
      showTip(next);
      $("said").textContent = described(next);
    }
    return true;
  }

  // -- the table: only the rows that are seen are in the page ------------------------------------------------------

  const compare = (one, other) => (one > other) - (one < other);
  const wallOf = (unit) => units.wall[unit] ?? -1;

  function median(values) {
    const sorted = [...values].sort((one, other) => one - other);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  // How much longer than usual; a unit without history is in the middle.
  const slower = (unit) => ran(unit) && units.past[unit].length ? units.wall[unit] / Math.max(median(units.past[unit]), 1e-4) : 1;

  const longestWall = units.wall.reduce((most, wall) => Math.max(most, wall ?? 0), 1e-6);
  const number = (key, words) => (unit) => element("div", { className: "number" }, units[key][unit] === null ? "" : words(units[key][unit]));

  const columns = [
    { name: "outcome", by: (unit) => units.status[unit] * 2 - units.failed[unit], cell: (unit) => element("div", { className: `outcome ${units.failed[unit] ? "bad" : status(unit) === "passed" ? "quiet" : ""}` }, status(unit)) },
    { name: "unit", by: (unit) => units.id[unit], cell: (unit) => element("div", { className: "id", title: units.id[unit] }, units.id[unit]) },
    { name: "time", by: wallOf, down: true, right: true, cell: number("wall", seconds) },
    { name: "against expected", plain: true, by: (unit) => ran(unit) ? units.wall[unit] / Math.max(units.expected[unit], 1e-4) : 0, down: true, off: "narrow-off", cell: lengthCell },
    { name: "expected", by: (unit) => units.expected[unit], down: true, right: true, off: "wide narrow-off", cell: number("expected", seconds) },
    { name: "history", by: slower, down: true, cell: (unit) => element("div", { className: "history" }, sparkline(unit, 108, 20)) },
    { name: "CPU", by: (unit) => units.cpu[unit] ?? -1, down: true, right: true, off: "narrow-off", cell: number("cpu", seconds) },
    { name: "memory", by: (unit) => units.rss[unit] ?? -1, down: true, right: true, off: "wide narrow-off", cell: number("rss", bytes) },
    { name: "worker", by: (unit) => units.lane[unit] ?? -1, right: true, off: "wide narrow-off", cell: number("lane", (lane) => String(lane + 1)) },
    { name: "start", by: (unit) => units.start[unit] ?? Infinity, right: true, off: "wide narrow-off", cell: number("start", seconds) },
  ];

  function lengthCell(unit) {
    const cell = element("div", { className: "length" });
    if (!ran(unit)) return cell;
    const most = Math.max(longestWall, units.expected[unit]);
    const kind = units.failed[unit] ? "bad" : unit === data.longest ? "pole" : "";
    const bar = element("i", { className: kind });
    bar.style.width = `${Math.max(0.5, units.wall[unit] / most * 100)}%`;
    const mark = element("b", { title: `expected ${seconds(units.expected[unit])}` });
    mark.style.left = `${Math.min(99, units.expected[unit] / most * 100)}%`;
    cell.append(bar, mark, element("span", { className: "unseen" }, `expected ${seconds(units.expected[unit])}`));
    return cell;
  }

  // Earlier durations and, as a dot, this run's; from zero, so that noise looks like noise.
  function sparkline(unit, wide, high, places = 10) {
    const past = units.past[unit];
    const values = ran(unit) ? [...past, units.wall[unit]] : past;
    if (!values.length) return "";
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const words = past.length ? `earlier ${past.map(seconds).join(", ")}` : "no earlier run";
    svg.setAttribute("width", wide);
    svg.setAttribute("height", high);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", words);
    const most = Math.max(...values, 1e-6);
    const x = (index) => 3 + index * (wide - 6) / places;
    const y = (value) => high - 3 - value / most * (high - 6);
    const first = places - values.length + (ran(unit) ? 1 : 0);
    const line = document.createElementNS(svg.namespaceURI, "polyline");
    line.setAttribute("points", values.map((value, index) => `${x(first + index).toFixed(1)},${y(value).toFixed(1)}`).join(" "));
    svg.append(line);
    if (ran(unit)) {
      const dot = document.createElementNS(svg.namespaceURI, "circle");
      dot.setAttribute("cx", x(places));
      dot.setAttribute("cy", y(units.wall[unit]));
      dot.setAttribute("r", 2.2);
      if (units.failed[unit]) dot.setAttribute("class", "bad");
      svg.append(dot);
    }
    return svg;
  }

  const rank = (one, other) => units.failed[other] - units.failed[one] || wallOf(other) - wallOf(one) || compare(units.id[one], units.id[other]);

  function sortRows() {
    const column = columns.find(({ name }) => name === state.sort);
    state.order = [...state.matching];
    if (column) {
      const keys = all.map(column.by);
      const sign = state.down ? -1 : 1;
      state.order.sort((one, other) => sign * compare(keys[one], keys[other]) || rank(one, other));
    } else state.order.sort(rank);
    const names = columns.map(({ name }) => name);
    [...$("head").children].forEach((cell, index) => {
      const sorted = names[index] === state.sort;
      cell.setAttribute("aria-sort", sorted ? (state.down ? "descending" : "ascending") : "none");
    });
    rows.drawn = "";
    rows.at = new Map(state.order.map((unit, index) => [unit, index]));
    sizeRows();
    const top = $("table").getBoundingClientRect().top - $("filter").offsetHeight;
    if (top < 0) window.scrollBy(0, top);
    drawRows();
  }

  const rows = { drawn: "", at: new Map() };

  function drawRows() {
    const high = rowHeight();
    const above = -$("rows").getBoundingClientRect().top;
    const seen = Math.ceil(window.innerHeight / high) + 24;
    const first = Math.max(0, Math.min(Math.floor(above / high) - 12, state.order.length - seen));
    const last = Math.min(state.order.length, first + seen);
    const drawn = `${first} ${last} ${high} ${state.active}`;
    if (drawn === rows.drawn) return;
    rows.drawn = drawn;
    $("table").setAttribute("aria-rowcount", state.order.length + 1);
    const made = state.order.slice(first, last).map((unit, index) => row(unit, first + index, high));
    if (!state.order.length) made.push(element("p", { className: "none" }, "No unit matches the filter."));
    $("rows").replaceChildren(...made);
    if (rows.at.has(state.active)) $("table").setAttribute("aria-activedescendant", `row-${state.active}`);
    else $("table").removeAttribute("aria-activedescendant");
  }

  const sizeRows = () => { $("rows").style.height = `${Math.max(state.order.length, 1) * rowHeight()}px`; };
  const rowHeight = () => parseFloat(getComputedStyle($("table")).getPropertyValue("--row"));

  function row(unit, index, high) {
    const made = element("div", { id: `row-${unit}`, role: "row", "aria-rowindex": index + 2, "aria-selected": String(unit === state.active) });
    made.style.top = `${index * high}px`;
    for (const { cell, off } of columns) {
      const each = cell(unit);
      each.setAttribute("role", "gridcell");
      if (off) each.classList.add(...off.split(" "));
      made.append(each);
    }
    return made;
  }

  function beginTable() {
    $("units").hidden = false;
    for (const column of columns) {
      const button = element("button", { type: "button", tabIndex: 0 }, column.name);
      button.addEventListener("click", () => {
        state.down = state.sort === column.name ? !state.down : Boolean(column.down);
        state.sort = column.name;
        sortRows();
      });
      const head = element("div", { role: "columnheader", className: `${column.off ?? ""} ${column.right ? "number" : ""}` }, button);
      $("head").append(head);
    }
    $("rows").addEventListener("click", (event) => {
      const found = event.target.closest("[role=row]");
      if (found) open(Number(found.id.slice(4)));
    });
    $("table").addEventListener("keydown", (event) => {
      if (event.target !== $("table")) return;
      const page = Math.max(1, Math.floor(window.innerHeight / rowHeight()) - 4);
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (event.key === "Enter" || event.key === " ") open(state.active);
      else if (event.key in moves) {
        const at = rows.at.get(state.active) ?? (moves[event.key] > 0 ? -1 : 0);
        const next = state.order[Math.max(0, Math.min(state.order.length - 1, at + moves[event.key]))];
        if (next !== undefined) activate(next, true);
      } else return;
      event.preventDefault();
    });
    window.addEventListener("scroll", drawRows, { passive: true });
    window.addEventListener("resize", () => {
      sizeRows();
      drawRows();
    });
    new ResizeObserver(() => {
      const sticky = getComputedStyle($("filter")).position === "sticky";
      $("table").style.setProperty("--below-filter", sticky ? `${$("filter").offsetHeight}px` : "0px");
      drawRows();
    }).observe($("filter"));
  }

  function activate(unit, scroll = false) {
    state.active = unit;
    if (scroll) reveal(unit);
    drawRows();
    drawTimeline();
  }

  function reveal(unit) {
    const high = rowHeight();
    const top = $("rows").getBoundingClientRect().top + rows.at.get(unit) * high;
    const hidden = $("filter").offsetHeight + $("head").offsetHeight + 6;
    if (top < hidden) window.scrollBy(0, top - hidden);
    else if (top + high > window.innerHeight) window.scrollBy(0, top + high - window.innerHeight + 4);
  }

  // -- one unit ------------------------------------------------------------------------------------------------

  function facts(unit) {
    const found = [["outcome", units.note[unit] ? `${status(unit)}: ${units.note[unit]}` : status(unit)]];
    if (ran(unit)) {
      found.push(["time", `${seconds(units.wall[unit])}, expected ${seconds(units.expected[unit])}; ${seconds(units.cpu[unit])} of CPU`]);
      found.push(["memory", `${bytes(units.rss[unit])} at most`]);
      found.push(["ran", `on worker ${units.lane[unit] + 1}, from ${seconds(units.start[unit])} to ${seconds(end(unit))}`]);
      if (units.seed[unit] !== null) found.push(["seed", units.seeds[unit] === 1 ? String(units.seed[unit]) : `${units.seed[unit]}, ${units.seeds[unit]} seeds from it`]);
    } else found.push(["expected", seconds(units.expected[unit])]);
    found.push(["again", element("code", {}, units.again[unit] ?? `make ${units.target[unit]}`)]);
    if (units.log[unit]) {
      const file = `units/${units.target[unit]}.log`;
      found.push(["log", element("a", { href: `units/${encodeURIComponent(`${units.target[unit]}.log`)}` }, file)]);
    }
    const past = units.past[unit];
    if (past.length) found.push(["earlier", past.map(seconds).join(", ")]);
    return found;
  }

  function open(unit) {
    if (unit < 0) return;
    activate(unit);
    showTip(-1);
    $("unit-name").textContent = units.id[unit];
    const list = element("dl", { className: "facts" });
    for (const [name, value] of facts(unit)) list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
    $("unit-facts").replaceChildren(list, units.past[unit].length > 1 ? sparkline(unit, Math.min(420, window.innerWidth - 60), 56, units.past[unit].length) : "");
    const log = document.querySelector(`.failure[data-unit="${unit}"] pre`);
    if (log) $("unit-facts").append(log.cloneNode(true));
    $("unit").showModal();
  }

  $("close").addEventListener("click", () => $("unit").close());
  $("unit").addEventListener("click", (event) => { if (event.target === $("unit")) $("unit").close(); });

  // ------------------------------------------------------------------------------------------------------------

  $("filter").hidden = false;
  fillFilter();
  beginTimeline();
  beginTable();
  applyFilter();
  document.documentElement.dataset.ready = "true";
})();
