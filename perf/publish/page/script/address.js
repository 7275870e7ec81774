// -- the address: #VIEW?platform=NAME,NAME&benchmark=NAME&metric=NAME&from=COMMIT&to=COMMIT… --------------------------

const VIEWS = ["trends", "changes", "coverage", "compare", "suite"];
const NEUTRAL = { view: "trends", platforms: null, q: "", benchmark: null, metric: null, beside: null, from: "", to: "", scale: "", along: "", a: "", b: "", state: "", least: "", of: null, commit: "" };

// What is shown. Platforms, benchmark and metrics are numbers; `platforms` is null for all of them.
const view = { ...NEUTRAL };

const wellFormed = (text) => text.replace(/[\ud800-\udfff]/gu, "\ufffd"); // a lone surrogate cannot be encoded
const inAddress = (text) => encodeURIComponent(wellFormed(text)).replace(/%2F|%40|%3A|%20/g, (code) => code === "%20" ? "+" : decodeURIComponent(code));
const shownPlatforms = () => view.platforms ?? site.platforms.map((_, number) => number);

function addressOf(wanted) {
  const parts = [];
  const put = (key, value) => { if (value !== null && value !== undefined && value !== "") parts.push(`${key}=${inAddress(String(value))}`); };
  const named = (names, number) => number === null ? "" : names[number];
  put("platform", wanted.platforms?.map((each) => site.platforms[each].name).join(","));
  if (wanted.platforms?.length === 0) parts.push("platform=");
  put("benchmark", named(site.benchmarks, wanted.benchmark));
  put("q", wanted.q);
  put("metric", wanted.metric === standardMetric() ? "" : named(site.metrics, wanted.metric));
  put("beside", named(site.metrics, wanted.beside));
  put("of", named(site.metrics, wanted.of));
  for (const key of ["from", "to", "scale", "along", "least", "a", "b", "state", "commit"]) put(key, wanted[key]);
  return `#${wanted.view}${parts.length ? `?${parts.join("&")}` : ""}`;
}

function readAddress() {
  const [, where, query] = /^#?([^?]*)\??(.*)$/s.exec(location.hash);
  const wanted = new URLSearchParams(query);
  const number = (names, key) => {
    const found = names.indexOf(wanted.get(key));
    return found < 0 ? null : found;
  };
  const names = site.platforms.map((platform) => platform.name);
  const platforms = wanted.get("platform")?.split(",").map((each) => names.indexOf(each)).filter((each) => each >= 0);
  const one = (key, allowed) => allowed.includes(wanted.get(key) ?? "") ? wanted.get(key) ?? "" : "";
  Object.assign(view, NEUTRAL, {
    view: VIEWS.includes(where) ? where : "trends",
    platforms: platforms ?? null,
    benchmark: number(site.benchmarks, "benchmark"),
    metric: number(site.metrics, "metric") ?? standardMetric(),
    beside: number(site.metrics, "beside"),
    scale: one("scale", ["zero", "relative"]),
    along: one("along", ["runs"]),
    least: one("least", ["0", "1", "2", "10"]),
    of: number(site.metrics, "of"),
  });
  for (const key of ["q", "from", "to", "a", "b", "state", "commit"]) view[key] = wanted.get(key) ?? "";
}

// Shows something else. What a reader would want to go back from is a new entry of the history: `add`.
function go(changes, { add = false } = {}) {
  Object.assign(view, changes);
  const address = addressOf(view);
  if (address !== location.hash) history[add ? "pushState" : "replaceState"](null, "", address);
  render();
}

// A link to another state of the page, that works in a new tab, too.
function link(changes, text, properties = {}) {
  const made = element("a", { href: addressOf({ ...view, ...changes }), ...properties }, text);
  made.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(changes, { add: true });
    if (!("commit" in changes)) { scrollTo(0, 0); $("view").focus({ preventScroll: true }); }
  });
  return made;
}

function standardMetric() {
  const time = site.metrics.indexOf("time");
  return time >= 0 ? time : site.metrics.length ? 0 : null;
}

// The range of commits that is shown: the first and the last one.
function range() {
  const last = Math.max(0, site.commits.sha.length - 1);
  const clamp = (found, otherwise) => isMain(found) ? found : otherwise;
  const from = clamp(commitOf(view.from), 0);
  const to = clamp(endOf(view.to), last);
  return from <= to ? [from, to] : [0, last];
}
