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
  const kind = units.failed[unit] ? "bad" : unit === data.pole ? "pole" : "";
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
