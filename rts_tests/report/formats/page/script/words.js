const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const units = data.units;
const total = units.id.length;
const all = Array.from({ length: total }, (_, unit) => unit);
const ran = (unit) => units.start[unit] !== null;
const status = (unit) => data.statuses[units.status[unit]];

// `matching` units, and `shown` for each unit whether it is one of them; `hits` for each case whether it matches the
// filter, null if all do; `folds` for a row whether the reader has opened it; `order` of the rows; `active` row, or -1.
const state = { matching: all, shown: new Uint8Array(total).fill(1), own: null, hits: null, classHits: null, folds: new Map(), order: all, sort: "rank", down: false, active: -1 };

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

const counted = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
