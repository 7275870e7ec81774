// -- the address: #UNIT!CLASS!CASE!NUMBER?q=WORDS&variant=NAME&outcome=NAME,NAME&time=FROM-TO -----------------------

// In the name of a row a space is %20, because a plus may be one.
const inName = (text) => encodeURIComponent(wellFormed(text)).replace(/%2F|%5B|%5D/g, decodeURIComponent).replaceAll("!", "%21");

// A class has no third part. The number tells apart the cases of a class that have one name; the first has none.

const numberOf = new Map(units.id.map((id, unit) => [id, unit]));
const wellFormed = (text) => text.replace(/[\ud800-\udfff]/gu, "\ufffd"); // a lone surrogate cannot be encoded
const inAddress = (text) => encodeURIComponent(wellFormed(text)).replace(/%2F|%5B|%5D|%2C|%20/g, (code) => code === "%20" ? "+" : decodeURIComponent(code));

function addressOf(row) {
  const parts = [units.id[unitOf(row)]];
  if (!isUnit(row)) parts.push(tree.classes.name[classOf(row)]);
  if (!isUnit(row) && !isClass(row)) {
    const name = valueOf("name", row);
    const same = casesOf(classOf(row)).filter((each) => each <= row && valueOf("name", each) === name).length;
    parts.push(name, ...same > 1 ? [String(same)] : []);
  }
  return `#${parts.map(inName).join("!")}`;
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; /* not encoded by us: taken as it stands */ }
}

// The row that an address names; -1 for none.
function rowOf([id, className, name, number = "1"]) {
  const unit = numberOf.get(id) ?? -1;
  if (unit < 0 || className === undefined) return unit;
  needCases();
  const found = (tree.classesOf.get(unit) ?? []).find((each) => wellFormed(tree.classes.name[each]) === className);
  if (found === undefined) return -1;
  if (name === undefined) return firstClass + found;
  return casesOf(found).filter((row) => wellFormed(valueOf("name", row)) === name)[Number(number) - 1] ?? -1;
}

function readAddress() {
  const [, name, query] = /^#?([^?]*)\??(.*)$/s.exec(location.hash);
  const parts = name.split("!").map(decoded);
  return { id: decoded(name), row: rowOf(parts), wanted: new URLSearchParams(query) };
}

function currentAddress() {
  const parts = [];
  const put = (name, value) => { if (value) parts.push(`${name}=${inAddress(value)}`); };
  put("q", $("query").value.trim());
  put("variant", $("variant").value && data.variants[Number($("variant").value)]);
  put("outcome", checkedOutcomes().map((number) => data.statuses[number]).join(","));
  put("time", zoom.whole() ? "" : `${zoom.from.toFixed(3)}_${zoom.to.toFixed(3)}`);
  const row = $("unit").open ? addressOf(state.active) : "#";
  return parts.length ? `${row}?${parts.join("&")}` : row;
}

// A filter replaces the address; opening a unit adds one, so that Back closes it.
function writeAddress(add = false) {
  const address = currentAddress();
  if (address === (location.hash || "#")) return;
  const where = address === "#" ? location.href.split("#")[0] : address;
  history[add ? "pushState" : "replaceState"](null, "", where);
}

function followAddress() {
  const { id, row, wanted } = readAddress();
  $("query").value = wanted.get("q") ?? "";
  const variant = data.variants.indexOf(wanted.get("variant"));
  $("variant").value = variant < 0 ? "" : String(variant);
  const outcomes = (wanted.get("outcome") ?? "").split(",");
  for (const box of outcomeBoxes()) box.checked = outcomes.includes(data.statuses[Number(box.value)]);
  const [from, to] = (wanted.get("time") ?? "").split("_").map(Number);
  zoom.set(from, to);
  applyFilter();
  showZoom();
  if (row >= 0) show(row);
  else if ($("unit").open) $("unit").close();
  if (row < 0 && id && !document.getElementById(id)) $("said").textContent = `There is no ${id.includes("!") ? "case" : "unit"} ${id} in this run.`;
}
