const $ = (id) => document.getElementById(id);

// -- words ------------------------------------------------------------------------------------------------------------

const TIMES = [[3600, "h"], [60, "min"], [1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
const SIZES = [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]];

const grouped = (number, digits) => number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

// Four or more significant digits, so that numbers of a column can be compared; no exponent where people can do without.
function plain(number, mayBeWhole = false) {
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return number.toExponential(2);
  if (mayBeWhole && Number.isInteger(number)) return grouped(number, 0);
  return grouped(number, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
}

// The unit that a value is best read in: its size and its name.
function unitOf(size, unit) {
  if (unit === "s") return TIMES.find(([each]) => size >= each * 0.9995) ?? (size ? TIMES.at(-1) : [1, "s"]);
  if (unit === "B") return SIZES.find(([each]) => size >= each) ?? SIZES.at(-1);
  return [1, ""];
}

function amount(value, unit, [scale, name] = unitOf(Math.abs(value), unit)) {
  if (unit === "relative") return percent(value);
  const text = name === "B" ? grouped(value, Number.isInteger(value) ? 0 : 1) : plain(value / scale, unit === "1");
  return name ? `${text} ${name}` : text;
}

const percent = (ratio) => `${grouped(ratio * 100, 1)} %`;

// A ratio as a change: +3.2 %.
function change(ratio) {
  if (ratio >= 3) return `×${plain(ratio)}`;
  const value = (ratio - 1) * 100;
  const text = grouped(Math.abs(value), Math.abs(value) < 0.95 ? 2 : 1);
  return Number(text) === 0 ? "±0 %" : `${value > 0 ? "+" : "−"}${text} %`;
}

const counted = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
const day = (seconds) => seconds === null || seconds === undefined ? "" : new Date(seconds * 1000).toISOString().slice(0, 10);
const minute = (seconds) => seconds === null || seconds === undefined ? "" : `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function age(seconds) {
  const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];
  const [size, name] = units.find(([each]) => seconds >= each) ?? units.at(-1);
  return counted(Math.max(0, Math.floor(seconds / size)), name);
}

// -- elements: text is only ever set as text --------------------------------------------------------------------------

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key in made && key !== "role") made[key] = value;
    else made.setAttribute(key === "className" ? "class" : key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const name = (text) => text === "" ? "" : element("bdi", { className: "name" }, text);

// The sign of a line: a dot in its colour, hollow if the line is dashed.
function key(colour, hollow = false) {
  const made = element("i", { className: "key", "aria-hidden": "true" });
  made.style.background = hollow ? "none" : colour;
  made.style.boxShadow = `inset 0 0 0 2px ${colour}`;
  return made;
}

const ROWS = 100;

// A table. `columns` are [heading, class]; `rows` are made when they are shown: a hundred, and more on request.
function table(caption, columns, rows, make, { headings = false } = {}) {
  const body = element("tbody", { role: "rowgroup" });
  const cell = (content, column) => {
    const [label, kind] = columns[column];
    const as = headings && column === 0 ? element("th", { scope: "row", role: "rowheader" }) : element("td", { role: "cell" });
    if (kind) as.className = kind;
    if (label && column) as.dataset.label = label;
    as.append(...(Array.isArray(content) ? content : [content]).filter((each) => each !== null && each !== undefined));
    return as;
  };
  const row = (each) => element("tr", { role: "row" }, ...make(each).map(cell));
  const head = element("tr", { role: "row" }, ...columns.map(([label, kind]) => element("th", { scope: "col", role: "columnheader", className: kind ?? "" }, label)));
  const made = element("div", { className: "wide" }, element("table", { role: "table" }, caption ? element("caption", {}, caption) : null, element("thead", { role: "rowgroup" }, head), body));
  let shown = 0;
  const more = element("button", { type: "button", className: "more-rows" });
  const add = (upTo) => {
    const from = shown;
    shown = Math.min(rows.length, upTo);
    body.append(...rows.slice(from, shown).map(row));
    more.hidden = shown === rows.length;
    more.textContent = `Show ${Math.min(rows.length - shown, 10 * ROWS).toLocaleString("en")} more of ${rows.length.toLocaleString("en")}`;
  };
  more.addEventListener("click", () => add(shown + 10 * ROWS));
  add(ROWS);
  made.append(more);
  return made;
}
