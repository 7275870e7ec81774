// -- the address: #UNIT?q=WORDS&variant=NAME&outcome=NAME,NAME&time=FROM-TO -----------------------------------------

const numberOf = new Map(units.id.map((id, unit) => [id, unit]));
const wellFormed = (text) => text.replace(/[\ud800-\udfff]/gu, "\ufffd"); // a lone surrogate cannot be encoded
const inAddress = (text) => encodeURIComponent(wellFormed(text)).replace(/%2F|%5B|%5D|%2C|%20/g, (code) => code === "%20" ? "+" : decodeURIComponent(code));
const addressOf = (unit) => `#${inAddress(units.id[unit])}`;

function readAddress() {
  const [, name, query] = /^#?([^?]*)\??(.*)$/s.exec(location.hash);
  let id = name;
  try { id = decodeURIComponent(name); } catch { /* not encoded by us: taken as it stands */ }
  return { id, unit: numberOf.get(id) ?? -1, wanted: new URLSearchParams(query) };
}

function currentAddress() {
  const parts = [];
  const put = (name, value) => { if (value) parts.push(`${name}=${inAddress(value)}`); };
  put("q", $("query").value.trim());
  put("variant", $("variant").value && data.variants[Number($("variant").value)]);
  put("outcome", checkedOutcomes().map((number) => data.statuses[number]).join(","));
  put("time", zoom.whole() ? "" : `${zoom.from.toFixed(3)}_${zoom.to.toFixed(3)}`);
  const unit = $("unit").open ? addressOf(state.active) : "#";
  return parts.length ? `${unit}?${parts.join("&")}` : unit;
}

// A filter replaces the address; opening a unit adds one, so that Back closes it.
function writeAddress(add = false) {
  const address = currentAddress();
  if (address === (location.hash || "#")) return;
  const where = address === "#" ? location.href.split("#")[0] : address;
  history[add ? "pushState" : "replaceState"](null, "", where);
}

function followAddress() {
  const { id, unit, wanted } = readAddress();
  $("query").value = wanted.get("q") ?? "";
  const variant = data.variants.indexOf(wanted.get("variant"));
  $("variant").value = variant < 0 ? "" : String(variant);
  const outcomes = (wanted.get("outcome") ?? "").split(",");
  for (const box of outcomeBoxes()) box.checked = outcomes.includes(data.statuses[Number(box.value)]);
  const [from, to] = (wanted.get("time") ?? "").split("_").map(Number);
  zoom.set(from, to);
  applyFilter();
  showZoom();
  if (unit >= 0) show(unit);
  else if ($("unit").open) $("unit").close();
  if (unit < 0 && id && !document.getElementById(id)) $("said").textContent = `There is no unit ${id} in this run.`;
}
