// -- the filter ----------------------------------------------------------------------------------------------

// As FILTER= does: a word with a wildcard is a glob over the whole id, a word without one is a part of the id. The id of
// a case is CLASS#NAME; each word may match it or the id of its unit.
function predicate(word) {
  if (!/[*?]/.test(word)) {
    const part = word.toLowerCase();
    return (id) => id.toLowerCase().includes(part);
  }
  const pattern = word.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, ".");
  const glob = new RegExp(`^${pattern}$`, "is");
  return (id) => glob.test(id);
}

const outcomeBoxes = () => [...document.querySelectorAll("#outcomes input")];
const checkedOutcomes = () => outcomeBoxes().filter((box) => box.checked).map((box) => Number(box.value));

function applyFilter() {
  const tests = $("query").value.split(/\s+/).filter(Boolean).map(predicate);
  const variant = $("variant").value;
  const outcomes = new Set(checkedOutcomes());
  const inVariant = (unit) => variant === "" || units.variant[unit] === Number(variant);
  const own = (unit) => (outcomes.size === 0 || outcomes.has(units.status[unit])) && tests.every((test) => test(units.id[unit]));
  state.own = Uint8Array.from(all, (unit) => Number(inVariant(unit) && own(unit)));
  matchCases(tests, outcomes, inVariant);
  state.matching = all.filter((unit) => state.own[unit] || state.unitHits?.[unit]);
  state.shown.fill(0);
  for (const unit of state.matching) state.shown[unit] = 1;
  $("shown").textContent = some(state.matching.length, total, "unit") + (caseCount ? `, ${some(state.count, caseCount, "case")}` : "");
  hideOthers();
  sortRows();
  drawTimeline();
}

const some = (number, of, word) => `${number === of ? "" : `${number.toLocaleString("en")} of `}${counted(of, word)}`;

// Which cases match, and how many of each class and unit do; without words and outcomes all do.
function matchCases(tests, outcomes, inVariant) {
  state.hits = state.classHits = state.unitHits = null;
  state.count = caseCount;
  if (!caseCount || (!tests.length && !outcomes.size && all.every(inVariant))) return;
  needCases();
  const { classes, cases } = tree;
  Object.assign(state, { hits: new Uint8Array(caseCount), classHits: new Int32Array(classes.name.length), unitHits: new Int32Array(total), count: 0 });
  classes.unit.forEach((unit, number) => {
    if (!inVariant(unit)) return;
    const left = tests.filter((test) => !test(units.id[unit]));
    for (let index = classes.first[number]; index < caseEnd(number); index += 1) {
      if (outcomes.size && !outcomes.has(cases.status[index])) continue;
      if (!left.every((test) => test(caseId(cases.name[index], number)))) continue;
      state.hits[index] = 1;
      state.classHits[number] += 1;
    }
    state.unitHits[unit] += state.classHits[number];
    state.count += state.classHits[number];
  });
}

// Whether a row has a place below its parent: with a filter, those that match, or all of a unit in which no case does.
function matches(row) {
  if (!state.hits || isUnit(row) || !state.unitHits[unitOf(row)]) return true;
  return isClass(row) ? state.classHits[row - firstClass] > 0 : state.hits[row - firstCase] === 1;
}

// Outside the table: failures, names and changes of units that do not match, and groups in which nothing is left.
function hideOthers() {
  for (const item of document.querySelectorAll("main :is([data-unit], [data-class], [data-case])")) {
    const { unit, class: number, case: index } = item.dataset;
    item.hidden = (unit !== undefined && !state.shown[unit]) ||
      (number !== undefined && !matches(firstClass + Number(number))) ||
      (index !== undefined && !matches(firstCase + Number(index)));
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    const left = group.querySelectorAll("[data-unit]:not([hidden])").length;
    group.hidden = left === 0;
    const number = group.querySelector("[data-count]");
    if (number) number.textContent = left.toLocaleString("en");
  }
}

function fillFilter() {
  data.variants.forEach((name, number) => $("variant").append(element("option", { value: String(number) }, name)));
  const counts = new Array(data.statuses.length).fill(0);
  for (const number of units.status) counts[number] += 1;
  data.statuses.forEach((name, number) => {
    const cases = data.cases?.statuses[number] ?? 0;
    if (!counts[number] && !cases) return; // only the previous run had it
    const chip = element("label", { className: "chip" }, element("input", { type: "checkbox", value: String(number) }), name);
    if (counts[number]) chip.append(element("b", {}, counts[number].toLocaleString("en")));
    if (cases) chip.append(element("span", { className: "of-cases" }, counted(cases, "case")));
    $("outcomes").append(chip);
  });
  $("filter").addEventListener("input", () => {
    applyFilter();
    writeAddress();
  });
  $("filter").addEventListener("submit", (event) => event.preventDefault());
}
