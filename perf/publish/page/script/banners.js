// -- what a reader has to know first ----------------------------------------------------------------------------------

const lastAt = (platform) => site.platforms[platform].at.reduce((latest, each) => Math.max(latest, each), 0);

// How many commits there are after the last measured one.
function behind(platform) {
  const last = site.platforms[platform].states.lastIndexOf("m");
  return site.commits.sha.length - 1 - last;
}

function showBanners() {
  const banner = (word, text, kind = "") => element("p", { className: `banner ${kind}` }, element("b", {}, `${word}. `), text);
  const now = Date.now() / 1000;
  const every = [...site.platforms.keys()].filter((platform) => site.platforms[platform].at.length);
  const found = [];
  const { newer, damaged, version } = site.unreadable;
  if (newer) found.push(banner("Newer results", `${counted(newer, "result file")} ${newer === 1 ? "is" : "are"} of version ${version}, which the Longpole that published this page cannot read: ${newer === 1 ? "it is" : "they are"} not shown. Publish with a newer one.`, "bad"));
  const stale = every.filter((platform) => now - lastAt(platform) > site.staleAfter);
  if (stale.length && stale.length === every.length) {
    found.push(banner("Stale", `The newest result is ${age(now - Math.max(...every.map(lastAt)))} old.`));
  } else if (stale.length) found.push(banner("Stale", stale.map((platform) => `The newest result of ${site.platforms[platform].name} is ${age(now - lastAt(platform))} old.`).join(" ")));
  const partial = partialWords(every);
  partial.push(...site.platforms.filter((platform) => !platform.at.length).map((platform) => `${platform.name} has no result yet.`));
  if (partial.length || damaged) found.push(banner("Partial", [...partial, damaged ? `${counted(damaged, "file")} could not be read.` : ""].join(" ").trim()));
  if (site.changes.whyNot) found.push(banner("No changes", `They were not computed: ${site.changes.whyNot}.`));
  $("banners").replaceChildren(...found);
}

// Platforms that have no result of the newest measured commit, or whose newest run failed.
function partialWords(every) {
  const words = [];
  const newest = Math.max(-1, ...every.map((platform) => site.platforms[platform].states.lastIndexOf("m")));
  const without = every.filter((platform) => newest >= 0 && site.platforms[platform].states[newest] !== "m");
  if (without.length) words.push(`${short(newest)}, the newest measured commit, was not measured on ${without.map((platform) => site.platforms[platform].name).join(", ")}.`);
  const failed = every.filter((platform) => { const { at, failed: bad } = site.platforms[platform]; return bad.length && bad.at(-1) === at.length - 1; });
  if (failed.length) words.push(`The newest run failed on ${failed.map((platform) => site.platforms[platform].name).join(", ")}.`);
  return words;
}

function showFacts() {
  const fact = (platform) => {
    const { states, at } = site.platforms[platform];
    const measured = [...states].filter((letter) => letter === "m").length;
    const after = behind(platform);
    return element("div", {}, element("dt", {}, name(site.platforms[platform].name)), element("dd", {}, `${measured.toLocaleString("en")} of ${counted(states.length, "commit")} measured, ${counted(at.length, "run")}${after && measured ? `; ${counted(after, "commit")} since the last one` : ""}`));
  };
  $("facts").replaceChildren(...[...site.platforms.keys()].map(fact));
  const newest = Math.max(0, ...[...site.platforms.keys()].map(lastAt));
  $("newest").textContent = newest ? `newest result ${minute(newest)}` : "no results yet";
  $("foot").textContent = "Made by longpole perf publish. Charts: uPlot.";
}
