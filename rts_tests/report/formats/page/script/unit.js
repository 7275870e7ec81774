// -- one unit ------------------------------------------------------------------------------------------------

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

function show(unit) {
  activate(unit);
  showTip(-1);
  $("unit-name").replaceChildren(element("a", { href: addressOf(unit) }, units.id[unit]));
  const list = element("dl", { className: "facts" });
  for (const [name, value] of facts(unit)) list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  $("unit-facts").replaceChildren(list, units.past[unit].length > 1 ? sparkline(unit, Math.min(420, window.innerWidth - 60), 56, units.past[unit].length) : "");
  const log = document.querySelector(`.failure[data-unit="${unit}"] .logs`);
  if (log) $("unit-facts").append(log.cloneNode(true));
  if (!$("unit").open) $("unit").showModal();
  for (const pre of $("unit-facts").querySelectorAll("pre[data-cause]")) toCause(pre);
}

function open(unit) {
  if (unit < 0) return;
  show(unit);
  writeAddress(true);
}

function beginUnit() {
  $("close").addEventListener("click", () => $("unit").close());
  $("unit").addEventListener("click", (event) => { if (event.target === $("unit")) $("unit").close(); });
  $("unit").addEventListener("close", () => { if (readAddress().unit >= 0) writeAddress(); });
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
