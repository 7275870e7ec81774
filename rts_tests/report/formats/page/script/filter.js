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

const outcomeBoxes = () => [...document.querySelectorAll("#outcomes input")];
const checkedOutcomes = () => outcomeBoxes().filter((box) => box.checked).map((box) => Number(box.value));

function applyFilter() {
  const tests = $("query").value.split(/\s+/).filter(Boolean).map(predicate);
  const variant = $("variant").value;
  const outcomes = new Set(checkedOutcomes());
  state.matching = all.filter((unit) =>
    (variant === "" || units.variant[unit] === Number(variant)) &&
    (outcomes.size === 0 || outcomes.has(units.status[unit])) &&
    tests.every((test) => test(units.id[unit])));
  state.shown.fill(0);
  for (const unit of state.matching) state.shown[unit] = 1;
  const some = state.matching.length === total ? "" : `${state.matching.length.toLocaleString("en")} of `;
  $("shown").textContent = `${some}${counted(total, "unit")}`;
  hideOthers();
  sortRows();
  drawTimeline();
}

// Outside the table: failures, names and changes of units that do not match, and groups in which nothing is left.
function hideOthers() {
  for (const item of document.querySelectorAll("[data-unit]")) item.hidden = !state.shown[item.dataset.unit];
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
    if (!counts[number]) return; // only the previous run had it
    $("outcomes").append(element("label", { className: "chip" },
      element("input", { type: "checkbox", value: String(number) }), name, element("b", {}, counts[number].toLocaleString("en"))));
  });
  $("filter").addEventListener("input", () => {
    applyFilter();
    writeAddress();
  });
  $("filter").addEventListener("submit", (event) => event.preventDefault());
}
