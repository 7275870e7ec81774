// -- the data: files that call these functions ------------------------------------------------------------------------

// `site` is there before anything is drawn; numbers and details are loaded when a view needs them.
let site = null;
let details = null;
const numbers = new Map(); // number of a file of numbers -> its content
const loads = new Map(); // name of a file -> promise

window.longpole = Object.freeze({
  site(data) { site ??= data; begin(); },
  series(number, data) { numbers.set(number, data); },
  details(data) { details ??= data; },
});

class Missing extends Error {}

function load(file) {
  if (!loads.has(file)) {
    loads.set(file, new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = `files/${file}`;
      script.onload = done;
      script.onerror = () => { loads.delete(file); failed(new Missing(file)); };
      document.head.append(script);
    }));
  }
  return loads.get(file);
}

const needDetails = () => load(site.details);

// The files of a metric: [number of the file, platform], for platforms that are shown.
const filesOf = (metric, platforms) => site.series
  .map(([platform, each, file], number) => ({ platform, metric: each, file, number }))
  .filter((each) => each.metric === metric && platforms.includes(each.platform));

const needMetric = (metric, platforms) => Promise.all(filesOf(metric, platforms).map(({ file }) => load(file)));

// -- commits ----------------------------------------------------------------------------------------------------------

// A commit is a number: its place on the main branch, and beyond these, commits that are not there.
const isMain = (commit) => commit >= 0 && commit < site.commits.sha.length;
const shaOf = (commit) => typeof commit === "string" ? commit : site.commits.sha[commit] ?? site.elsewhere[commit - site.commits.sha.length];
const short = (commit) => shaOf(commit).slice(0, 10);
const dayOf = (commit) => isMain(commit) ? day(site.commits.at[commit]) : "";
const subjectOf = (commit) => details && isMain(commit) ? details.subjects[commit] : "";

// The number of the commit that a name begins with, or of the first one on a day or later; -1 for none.
function commitOf(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return -1;
  if (/^\d{4}-\d\d-\d\d$/.test(wanted)) {
    const at = Date.parse(`${wanted}T00:00:00Z`) / 1000;
    return site.commits.at.findIndex((each) => each !== null && each >= at);
  }
  const found = site.commits.sha.findIndex((sha) => sha.startsWith(wanted));
  if (found >= 0) return found;
  const other = site.elsewhere.findIndex((sha) => sha.startsWith(wanted));
  return other < 0 ? -1 : other + site.commits.sha.length;
}

// The same for the end of a range: of a day it is the last commit on it or before.
function endOf(text) {
  const wanted = text.trim();
  if (!/^\d{4}-\d\d-\d\d$/.test(wanted)) return commitOf(wanted);
  const at = Date.parse(`${wanted}T00:00:00Z`) / 1000 + 86400;
  return site.commits.at.findLastIndex((each) => each !== null && each < at);
}

// -- what is known of a platform --------------------------------------------------------------------------------------

// Runs that measured something, by commit: those of commit c are runs[starts[c]] to runs[starts[c + 1] - 1], by time.
const groups = new Map();
function byCommit(platform) {
  if (!groups.has(platform)) {
    const { commit, failed } = site.platforms[platform];
    const bad = new Set(failed);
    const total = site.commits.sha.length + site.elsewhere.length;
    const starts = new Int32Array(total + 1);
    commit.forEach((each, run) => { if (!bad.has(run)) starts[each + 1] += 1; });
    for (let at = 0; at < total; at += 1) starts[at + 1] += starts[at];
    const next = starts.slice();
    const runs = new Int32Array(starts[total]);
    commit.forEach((each, run) => { if (!bad.has(run)) runs[next[each]++] = run; });
    groups.set(platform, { starts, runs });
  }
  return groups.get(platform);
}

const STATES = { m: "measured", r: "represented", s: "skipped", f: "failed", u: "unknown" };
const colour = (property) => getComputedStyle(document.documentElement).getPropertyValue(property).trim();
const colourOf = (platform) => colour(`--s${platform % 6 + 1}`);

// Changes of at least the size that is shown, with names for their parts.
const changesOf = (wanted = () => true) => site.changes.points
  .filter((point) => Math.abs(Math.log(point[5])) >= Math.log(1 + (view.least === "" ? 5 : Number(view.least)) / 100))
  .map(([platform, benchmark, metric, before, after, ratio, worse, q, recovered]) => ({ platform, benchmark, metric, before, after, ratio, worse: worse === 1, q, recovered }))
  .filter(wanted);
