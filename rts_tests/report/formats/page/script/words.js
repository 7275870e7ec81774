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

const counted = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

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
