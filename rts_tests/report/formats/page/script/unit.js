// -- one unit, class or case -----------------------------------------------------------------------------------------

function facts(unit) {
  const found = [["outcome", units.note[unit] ? `${status(unit)}: ${units.note[unit]}` : status(unit)]];
  if (ran(unit)) {
    found.push(["time", `${seconds(units.wall[unit])}, expected ${seconds(units.expected[unit])}; ${seconds(units.cpu[unit])} of CPU`]);
    found.push(["memory", `${bytes(units.rss[unit])} at most`]);
    found.push(["ran", `on worker ${units.lane[unit] + 1}, from ${seconds(units.start[unit])} to ${seconds(end(unit))}`]);
    if (units.seed[unit] !== null) found.push(["seed", units.seeds[unit] === 1 ? String(units.seed[unit]) : `${units.seed[unit]}, ${units.seeds[unit]} seeds from it`]);
  } else found.push(["expected", seconds(units.expected[unit])]);
  const again = units.again[unit] ?? `make ${units.target[unit]}`;
  found.push(["again", element("span", { className: "again" }, element("code", {}, again), copyButton())]);
  if (units.log[unit]) {
    const file = `units/${units.target[unit]}.log`;
    found.push(["log", element("a", { href: `units/${encodeURIComponent(`${units.target[unit]}.log`)}` }, file)]);
  }
  const before = data.previous && units.before[unit];
  if (before) found.push(["previous run", `${data.statuses[before[0]]}, ${seconds(before[1])}`]);
  const past = units.past[unit];
  if (past.length) found.push(["earlier", past.map(seconds).join(", ")]);
  return found;
}

function factsOfCase(row) {
  const link = (to) => element("a", { href: addressOf(to) }, idOf(to));
  const note = noteOf(row);
  const found = [["outcome", note ? `${statusOf(row)}: ${note}` : statusOf(row)], ["time", seconds(wallOf(row))], ["unit", link(unitOf(row))]];
  if (isClass(row)) {
    const counts = new Map();
    for (const each of casesOf(classOf(row))) counts.set(statusOf(each), (counts.get(statusOf(each)) ?? 0) + 1);
    if (hasChildren(row)) found.push(["cases", [...counts].map(([name, number]) => `${number.toLocaleString("en")} ${name}`).join(", ")]);
  } else if (tree.classes.name[classOf(row)]) found.push(["class", link(firstClass + classOf(row))]);
  const past = pastOf(row);
  if (past.length) found.push(["earlier", past.map(seconds).join(", ")]);
  return found;
}

// What the failures show of a row, its texts and its log, as it stands there.
function shownOf(row) {
  if (isUnit(row)) return document.querySelectorAll(`.failure[data-unit="${row}"] > :is(.cases, .logs), #steps > [data-unit="${row}"]`);
  const block = `#failures .block[data-class="${classOf(row)}"] > .logs`;
  if (isClass(row) && !isWhole(classOf(row))) return document.querySelectorAll(block);
  const number = isClass(row) ? tree.classes.first[classOf(row)] : row - firstCase;
  const texts = `#failures [data-case="${number}"] > :not(summary)`;
  return document.querySelectorAll(isClass(row) ? `${texts}, ${block}` : texts);
}

function show(row) {
  unfold(row);
  activate(row);
  showTip(-1);
  $("unit-name").replaceChildren(element("a", { href: addressOf(row) }, isClass(row) || isUnit(row) ? idOf(row) : nameOf(row)));
  const list = element("dl", { className: "facts" });
  for (const [name, value] of isUnit(row) ? facts(row) : factsOfCase(row)) list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  const past = pastOf(row);
  $("unit-facts").replaceChildren(list, past.length > 1 ? sparkline(row, Math.min(420, window.innerWidth - 60), 56, past.length) : "");
  for (const part of shownOf(row)) $("unit-facts").append(part.cloneNode(true));
  for (const part of $("unit-facts").querySelectorAll("[hidden]")) part.hidden = false;
  if (!$("unit").open) $("unit").showModal();
  for (const pre of $("unit-facts").querySelectorAll("pre[data-cause]")) toCause(pre);
}

function open(row) {
  if (row < 0) return;
  show(row);
  writeAddress(true);
}

function beginUnit() {
  $("close").addEventListener("click", () => $("unit").close());
  $("unit").addEventListener("click", (event) => { if (event.target === $("unit")) $("unit").close(); });
  $("unit").addEventListener("close", () => { if (readAddress().row >= 0) writeAddress(); });
}

// -- a command to paste -----------------------------------------------------------------------------------------

const copyButton = () => element("button", { type: "button", className: "copy", "data-copy": "" }, "Copy");

async function copy(button) {
  const text = button.parentElement.querySelector("code").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // a page from a file, or from a server without TLS, may have no clipboard
    const area = element("textarea", { value: text, readOnly: true, className: "unseen" });
    (button.closest("dialog") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = "Copied";
  $("said").textContent = "Copied.";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

// -- logs: each opens at the line that looks like the cause ---------------------------------------------------------

function toCause(pre) {
  const at = Number(pre.dataset.cause);
  if (!pre.querySelector(".cause")) {
    const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
    let left = at;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      let from = 0;
      while (left > 0) {
        const next = node.data.indexOf("\n", from) + 1;
        if (next === 0) break;
        from = next;
        left -= 1;
      }
      if (left > 0) continue;
      const rest = from < node.data.length ? node.splitText(from) : walker.nextNode();
      if (rest) rest.before(element("span", { className: "cause", title: "this line looks like the cause" }));
      break;
    }
  }
  const mark = pre.querySelector(".cause");
  if (mark) pre.scrollTop = Math.max(0, mark.offsetTop - 40);
}

function beginFailures() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  for (const failure of document.querySelectorAll(".failure")) {
    const toCauses = () => { for (const pre of failure.querySelectorAll("pre[data-cause]")) toCause(pre); };
    if (failure.open) toCauses();
    failure.addEventListener("toggle", toCauses);
  }
}
