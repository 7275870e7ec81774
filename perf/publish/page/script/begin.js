// ---------------------------------------------------------------------------------------------------------------------

let turn = 0; // counts renderings, so that one that waited for data sees that it is late

const SHOW = { trends: showTrends, changes: showChanges, coverage: showCoverage, compare: showCompare, suite: showSuite };

function show(...parts) {
  clearCharts();
  $("view").replaceChildren(...parts.filter((part) => part !== ""));
}

let shown = ""; // the address of what is in the page, but for the commit that is open

async function render() {
  const mine = ++turn;
  const isCurrent = () => mine === turn;
  showViews();
  showFilter();
  try {
    const address = addressOf({ ...view, commit: "" });
    if (address !== shown) {
      await SHOW[view.view](isCurrent);
      if (!isCurrent()) return;
      shown = address;
    }
    await showCommit(isCurrent);
    if (isCurrent()) document.documentElement.dataset.ready = String(mine);
  } catch (error) {
    if (isCurrent()) problem(error);
  }
}

// A file that is no longer there: the site was published again since the page was opened.
function problem(error) {
  if (!(error instanceof Missing)) throw error;
  shown = "";
  const again = element("button", { type: "button" }, "Load the page again");
  again.addEventListener("click", () => location.reload());
  document.documentElement.dataset.ready = String(turn);
  show(element("p", { className: "banner bad", role: "alert" }, element("b", {}, "Not loaded. "), `${error.message} is not there. The site may have been published again. `, again));
}

function follow() {
  readAddress();
  render();
}

function begin() {
  document.title = site.title;
  readAddress();
  $("views").hidden = $("filters").hidden = false;
  fillFilter();
  beginCommit();
  showBanners();
  showFacts();
  render();
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { shown = ""; fillColours(); render(); });
  window.requestIdleCallback?.(() => needDetails().catch(() => {}), { timeout: 5000 });
}

function fillColours() {
  boxes().forEach((box) => { box.nextElementSibling.replaceWith(key(colourOf(Number(box.value)))); });
}
