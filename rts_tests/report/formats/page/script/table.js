// -- the table: only the rows that are seen are in the page ------------------------------------------------------

const compare = (one, other) => (one > other) - (one < other);

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// How much longer than usual; a unit without history is in the middle.
const slower = (row) => wallOf(row) >= 0 && pastOf(row).length ? wallOf(row) / Math.max(median(pastOf(row)), 1e-4) : 1;

const longestWall = units.wall.reduce((most, wall) => Math.max(most, wall ?? 0), 1e-6);
// A column that only units have, and its cell; classes and cases come after the units in it.
const ofUnit = (by) => (row) => isUnit(row) ? by(row) : 0;
const number = (key, words) => (row) => element("div", { className: "number" }, !isUnit(row) || units[key][row] === null ? "" : words(units[key][row]));

const columns = [
  { name: "outcome", by: (row) => valueOf("status", row) * 2 - failedOf(row), cell: (row) => element("div", { className: `outcome ${failedOf(row) ? "bad" : statusOf(row) === "passed" ? "quiet" : ""}` }, statusOf(row)) },
  { name: "unit", by: nameOf, cell: nameCell },
  { name: "time", by: wallOf, down: true, right: true, cell: (row) => element("div", { className: "number" }, wallOf(row) < 0 ? "" : seconds(wallOf(row))) },
  { name: "against expected", plain: true, by: (row) => isUnit(row) && ran(row) ? units.wall[row] / Math.max(units.expected[row], 1e-4) : 0, down: true, off: "narrow-off", cell: lengthCell },
  { name: "expected", units: true, by: ofUnit((unit) => units.expected[unit]), down: true, right: true, off: "wide narrow-off", cell: number("expected", seconds) },
  { name: "history", by: slower, down: true, cell: (row) => element("div", { className: "history" }, sparkline(row, 108, 20)) },
  { name: "CPU", units: true, by: ofUnit((unit) => units.cpu[unit] ?? -1), down: true, right: true, off: "narrow-off", cell: number("cpu", seconds) },
  { name: "memory", units: true, by: ofUnit((unit) => units.rss[unit] ?? -1), down: true, right: true, off: "wide narrow-off", cell: number("rss", bytes) },
  { name: "worker", units: true, by: ofUnit((unit) => units.lane[unit] ?? -1), right: true, off: "wide narrow-off", cell: number("lane", (lane) => String(lane + 1)) },
  { name: "start", units: true, by: ofUnit((unit) => units.start[unit] ?? Infinity), right: true, off: "wide narrow-off", cell: number("start", seconds) },
];

// The name; before it, for a row that can be opened, what opens it.
function nameCell(row) {
  const cell = element("div", { className: "id", title: idOf(row) });
  cell.style.setProperty("--level", levelOf(row) - 1);
  if (caseCount) cell.append(element("i", { className: hasChildren(row) ? isOpen(row) ? "fold open" : "fold" : "no-fold", "aria-hidden": "true" }));
  cell.append(isUnit(row) ? nameOf(row) : shortened(nameOf(row)));
  return cell;
}

// The packages of a long name by their first letters, as com.example.parser.RoundTrip is c.e.p.RoundTrip.
function shortened(name) {
  if (name.length <= 42 || !/^[\w$]+(\.[\w$]+)+$/.test(name)) return name;
  return name.replace(/(\w)[\w$]*\.(?=.*\.)/g, "$1.").replace(/(\w)[\w$]*\.(?=[^.]*$)/, (last, letter) => name.length - last.length > 42 ? `${letter}.` : last);
}

// For a class or case, its message, over the columns that only units have.
function lengthCell(unit) {
  if (!isUnit(unit)) return element("div", { className: "why", title: noteOf(unit) ?? "" }, noteOf(unit) ?? "");
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
function sparkline(row, wide, high, places = 10) {
  const past = pastOf(row);
  const here = wallOf(row) >= 0 && (isUnit(row) || past.length > 0);
  const values = here ? [...past, wallOf(row)] : past;
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
  const first = places - values.length + (here ? 1 : 0);
  const line = document.createElementNS(svg.namespaceURI, "polyline");
  line.setAttribute("points", values.map((value, index) => `${x(first + index).toFixed(1)},${y(value).toFixed(1)}`).join(" "));
  svg.append(line);
  if (here) {
    const dot = document.createElementNS(svg.namespaceURI, "circle");
    dot.setAttribute("cx", x(places));
    dot.setAttribute("cy", y(wallOf(row)));
    dot.setAttribute("r", 2.2);
    if (failedOf(row)) dot.setAttribute("class", "bad");
    svg.append(dot);
  }
  return svg;
}

const rank = (one, other) => failedOf(other) - failedOf(one) || wallOf(other) - wallOf(one) || compare(nameOf(one), nameOf(other));

function sorted(list) {
  const column = columns.find(({ name }) => name === state.sort);
  if (!column) return list.sort(rank);
  const keys = new Map(list.map((row) => [row, column.by(row)]));
  const sign = state.down ? -1 : 1;
  return list.sort((one, other) => sign * compare(keys.get(one), keys.get(other)) || rank(one, other));
}

// What a reader opened or closed; else, a unit or class is open if only something below it matches the filter.
function isOpen(row) {
  if (!hasChildren(row)) return false;
  const known = state.folds.get(row);
  if (known !== undefined || !state.hits) return known ?? false;
  return isUnit(row) ? !state.own[row] && state.unitHits[row] > 0 : state.classHits[row - firstClass] < casesOf(row - firstClass).length;
}

function listRows() {
  state.order = [];
  const put = (list) => {
    for (const row of sorted(list)) {
      state.order.push(row);
      if (isOpen(row)) put(childrenOf(row).filter(matches));
    }
  };
  put([...state.matching]);
  rows.drawn = "";
  rows.at = new Map(state.order.map((row, index) => [row, index]));
  sizeRows();
}

function fold(row, open) {
  state.folds.set(row, open);
  listRows();
  drawRows();
}

// Opens what a row is in, so that it is in the table.
function unfold(row) {
  for (let above = parentOf(row); above >= 0; above = parentOf(above)) state.folds.set(above, true);
  listRows();
}

function sortRows() {
  const names = columns.map(({ name }) => name);
  [...$("head").children].forEach((cell, index) => {
    const sorted = names[index] === state.sort;
    cell.setAttribute("aria-sort", sorted ? (state.down ? "descending" : "ascending") : "none");
  });
  listRows();
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
  const made = state.order.slice(first, last).map((each, index) => rowElement(each, first + index, high));
  if (!state.order.length) made.push(element("p", { className: "none" }, "No unit matches the filter."));
  $("rows").replaceChildren(...made);
  if (rows.at.has(state.active)) $("table").setAttribute("aria-activedescendant", `row-${state.active}`);
  else $("table").removeAttribute("aria-activedescendant");
}

const sizeRows = () => { $("rows").style.height = `${Math.max(state.order.length, 1) * rowHeight()}px`; };
const rowHeight = () => parseFloat(getComputedStyle($("table")).getPropertyValue("--row"));

function rowElement(row, index, high) {
  const made = element("div", { id: `row-${row}`, role: "row", "aria-rowindex": index + 2, "aria-selected": String(row === state.active) });
  if (caseCount) made.setAttribute("aria-level", levelOf(row));
  if (hasChildren(row)) made.setAttribute("aria-expanded", String(isOpen(row)));
  made.style.top = `${index * high}px`;
  if (!isUnit(row)) made.classList.add("below");
  for (const { cell, off, units: ofUnits } of columns) {
    if (ofUnits && !isUnit(row)) continue;
    const each = cell(row);
    each.setAttribute("role", "gridcell");
    if (off) each.classList.add(...off.split(" "));
    made.append(each);
  }
  return made;
}

function beginTable() {
  $("units").hidden = false;
  if (caseCount) $("table").setAttribute("role", "treegrid");
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
    if (!found) return;
    const row = Number(found.id.slice(4));
    if (event.target.closest(".fold")) fold(row, !isOpen(row));
    else open(row);
  });
  $("table").addEventListener("keydown", (event) => {
    if (event.target !== $("table")) return;
    const page = Math.max(1, Math.floor(window.innerHeight / rowHeight()) - 4);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" || event.key === " ") open(state.active);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") turn(event.key === "ArrowRight");
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

// To the right opens a row, to the left closes it, or moves to what it is in.
function turn(right) {
  const row = state.active;
  if (!rows.at.has(row)) return;
  if (right ? hasChildren(row) && !isOpen(row) : isOpen(row)) fold(row, right);
  else if (!right && parentOf(row) >= 0) activate(parentOf(row), true);
}

function activate(row, scroll = false) {
  state.active = row;
  if (scroll) reveal(row);
  drawRows();
  drawTimeline();
}

function reveal(row) {
  const high = rowHeight();
  const top = $("rows").getBoundingClientRect().top + rows.at.get(row) * high;
  const hidden = $("filter").offsetHeight + $("head").offsetHeight + 6;
  if (top < hidden) window.scrollBy(0, top - hidden);
  else if (top + high > window.innerHeight) window.scrollBy(0, top + high - window.innerHeight + 4);
}
