// -- rows: the units, and below them the classes and cases that they told of -----------------------------------------

// A row is a number: first come the units, then the classes, then the cases. Classes and cases are parsed when they are
// first needed; their numbers are known before.
const firstClass = total;
const firstCase = firstClass + (data.cases?.classes ?? 0);
const caseCount = data.cases?.cases ?? 0;
const isUnit = (row) => row < firstClass;
const isClass = (row) => row >= firstClass && row < firstCase;
const green = new Set(data.green);
const tree = { there: false, classes: null, cases: null, note: {}, past: null, owner: null, classesOf: new Map() };

function needCases() {
  if (tree.there || !caseCount) return;
  Object.assign(tree, JSON.parse($("cases").textContent), { there: true, owner: new Int32Array(caseCount) });
  const { unit, first } = tree.classes;
  unit.forEach((each, number) => {
    tree.owner.fill(number, first[number], caseEnd(number));
    if (!tree.classesOf.has(each)) tree.classesOf.set(each, []);
    tree.classesOf.get(each).push(number);
  });
}

const caseEnd = (number) => tree.classes.first[number + 1] ?? caseCount;
const classOf = (row) => isClass(row) ? row - firstClass : tree.owner[row - firstCase];
const unitOf = (row) => isUnit(row) ? row : tree.classes.unit[classOf(row)];
const activeUnit = () => state.active < 0 ? -1 : unitOf(state.active);

// A class whose only case has no name is itself what was told; a case without a class is directly below its unit.
const isWhole = (number) => caseEnd(number) - tree.classes.first[number] === 1 && tree.cases.name[tree.classes.first[number]] === "";
const casesOf = (number) => Array.from({ length: caseEnd(number) - tree.classes.first[number] }, (_, index) => firstCase + tree.classes.first[number] + index);
const hasChildren = (row) => isUnit(row) ? units.cases[row] > 0 : isClass(row) && !isWhole(row - firstClass);

function childrenOf(row) {
  if (isClass(row)) return isWhole(row - firstClass) ? [] : casesOf(row - firstClass);
  if (!isUnit(row)) return [];
  needCases();
  return (tree.classesOf.get(row) ?? []).flatMap((number) => tree.classes.name[number] === "" && !isWhole(number) ? casesOf(number) : [firstClass + number]);
}

function parentOf(row) {
  if (isUnit(row)) return -1;
  const number = classOf(row);
  return isClass(row) || tree.classes.name[number] === "" ? tree.classes.unit[number] : firstClass + number;
}

const levelOf = (row) => isUnit(row) ? 1 : 1 + levelOf(parentOf(row));
const column = (row) => isUnit(row) ? [units, row] : isClass(row) ? [tree.classes, row - firstClass] : [tree.cases, row - firstCase];
const valueOf = (name, row) => {
  const [columns, at] = column(row);
  return columns[name][at];
};
const statusOf = (row) => data.statuses[valueOf("status", row)];
const failedOf = (row) => isUnit(row) ? units.failed[row] : Number(!green.has(valueOf("status", row)));
const wallOf = (row) => valueOf("wall", row) ?? -1;
const nameOf = (row) => isUnit(row) ? units.id[row] : valueOf("name", row) || "(the class as a whole)";
const caseId = (name, number) => name && tree.classes.name[number] ? `${tree.classes.name[number]}#${name}` : name || tree.classes.name[number];
const idOf = (row) => isUnit(row) ? units.id[row] : caseId(isClass(row) ? "" : valueOf("name", row), classOf(row));

function pastOf(row) {
  if (isUnit(row)) return units.past[row];
  return (isClass(row) ? tree.past?.classes[row - firstClass] : tree.past?.cases[row - firstCase]) ?? [];
}

// A message is that of a case; a class as a whole has the message of its one case.
function noteOf(row) {
  if (isUnit(row)) return units.note[row];
  if (isClass(row)) return isWhole(row - firstClass) ? tree.note[tree.classes.first[row - firstClass]] : undefined;
  return tree.note[row - firstCase];
}

const described = (row) => isUnit(row) && ran(row)
  ? `${units.id[row]}, ${status(row)}, ${seconds(units.wall[row])}, worker ${units.lane[row] + 1}, from ${seconds(units.start[row])}`
  : `${idOf(row)}, ${statusOf(row)}`;
