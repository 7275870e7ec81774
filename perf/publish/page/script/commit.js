// -- one commit -------------------------------------------------------------------------------------------------------

// A commit's short name, which opens what is known of it.
function commitButton(commit) {
  const made = element("button", { type: "button", className: "plain sha", "aria-haspopup": "dialog" }, short(commit));
  made.addEventListener("click", () => openCommit(commit));
  return made;
}

const openCommit = (commit) => go({ commit: short(commit) }, { add: true });

function beginCommit() {
  $("close").addEventListener("click", () => $("commit").close());
  $("commit").addEventListener("close", () => { if (view.commit) go({ commit: "" }); });
  $("commit").addEventListener("click", (event) => { if (event.target === $("commit")) $("commit").close(); });
}

// Opens or closes the dialog, as the address says.
async function showCommit(isCurrent) {
  const commit = commitOf(view.commit);
  if (commit < 0) {
    if ($("commit").open) $("commit").close();
    if (view.commit) $("said").textContent = `There is no commit ${view.commit} among the results.`;
    return;
  }
  await needDetails();
  if (!isCurrent()) return;
  $("commit-name").textContent = shaOf(commit);
  $("commit-facts").replaceChildren(...commitFacts(commit));
  if (!$("commit").open) $("commit").showModal();
}

function commitFacts(commit) {
  const fact = (term, ...content) => element("div", {}, element("dt", {}, term), element("dd", {}, ...content));
  const facts = element("dl", { className: "facts" });
  if (subjectOf(commit)) facts.append(fact("subject", name(subjectOf(commit))));
  if (isMain(commit)) facts.append(fact("committed", minute(site.commits.at[commit]) || "not known"));
  else facts.append(fact("branch", "none of the main branch"));
  for (const platform of site.platforms.keys()) {
    const runs = byCommit(platform).starts[commit + 1] - byCommit(platform).starts[commit];
    const text = isMain(commit) ? stateOf(platform, commit) : "measured";
    if (isMain(commit) || runs) facts.append(fact(site.platforms[platform].name, text, runs ? `, ${counted(runs, "run")}` : ""));
  }
  return [facts, ...valuesOf(commit), actions(commit)];
}

// The values of each run, of the benchmark that is shown.
function valuesOf(commit) {
  if (view.benchmark === null || view.metric === null) return [];
  const rows = shownPlatforms().flatMap((platform) => {
    const found = column(platform, view.metric, view.benchmark);
    if (!found) return [];
    const { starts, runs } = byCommit(platform);
    return [...runs.slice(starts[commit], starts[commit + 1])].filter((run) => found.values[run] !== null).map((run) => ({ platform, at: site.platforms[platform].at[run], value: found.values[run], unit: found.unit }));
  });
  if (!rows.length) return [];
  return [table(`${label(view.metric)} of ${site.benchmarks[view.benchmark]}, run by run`, [["measured", ""], ["platform", ""], ["value", "number"]], rows, (row) => [minute(row.at), name(site.platforms[row.platform].name), amount(row.value, row.unit)])];
}

function actions(commit) {
  const before = measuredOnAny().filter((each) => each < commit).at(-1);
  const made = element("p", { className: "actions" });
  if (before !== undefined && isMain(commit)) made.append(link({ view: "compare", a: short(before), b: short(commit), commit: "" }, "Compare with the one measured before", { className: "button" }));
  if (isMain(commit)) made.append(link({ from: short(commit), commit: "" }, "Show from here", { className: "button" }), link({ to: short(commit), commit: "" }, "Show up to here", { className: "button" }));
  if (site.commitUrl) made.append(element("a", { className: "button", href: site.commitUrl.replace("{sha}", shaOf(commit)), rel: "noreferrer" }, "Source"));
  const copy = element("button", { type: "button" }, "Copy name");
  copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(shaOf(commit)); copy.textContent = "Copied"; } catch { copy.textContent = "Select the name above"; }
  });
  made.append(copy);
  return made;
}
