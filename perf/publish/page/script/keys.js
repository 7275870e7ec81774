// -- a large chart by keyboard ----------------------------------------------------------------------------------------

// Left and right move from value to value, Home and End to the first and last one; Enter opens the commit; plus, minus
// and 0 change the range of commits. What is there is said to screen readers.
function driveByKeys(place, { plot, data }, lines, say) {
  let at = -1;
  const has = (number_) => plot.data.some((row, number) => number > 0 && row[number_] != null);
  const last = data.places.length - 1;
  const find = (from, step) => {
    for (let next = from; next >= 0 && next <= last; next += step) if (has(next)) return next;
    return -1;
  };
  const moves = {
    ArrowRight: () => find(at + 1, 1),
    ArrowLeft: () => find(at < 0 ? last : at - 1, -1),
    Home: () => find(0, 1),
    End: () => find(last, -1),
  };
  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) {
      const found = moves[event.key]();
      if (found >= 0) at = found;
      if (at >= 0) {
        plot.setCursor({ left: plot.valToPos(data.places[at], "x"), top: plot.over.clientHeight / 2 });
        say(data.commitAt(data.places[at]));
      }
    } else if (event.key === "Enter" && at >= 0) openCommit(data.commitAt(data.places[at]), lines[0].benchmark);
    else if (event.key === "+" || event.key === "=") zoomBy(0.5, at < 0 ? null : data.commitAt(data.places[at]));
    else if (event.key === "-") zoomBy(2, at < 0 ? null : data.commitAt(data.places[at]));
    else if (event.key === "0") go({ from: "", to: "" });
    else return;
    event.preventDefault();
  });
}

// Half or twice as many commits, around one of them.
function zoomBy(factor, around) {
  const [from, to] = range();
  const last = site.commits.sha.length - 1;
  const middle = around ?? Math.round((from + to) / 2);
  const half = Math.max(2, Math.round(((to - from) * factor) / 2));
  const [low, high] = [Math.max(0, middle - half), Math.min(last, middle + half)];
  const all = low === 0 && high === last;
  refocus = true;
  go({ from: all ? "" : short(low), to: all ? "" : short(high) });
}

let refocus = false; // the chart is drawn anew, and has the focus again then

const zoomButtons = () => element(
  "span",
  { className: "tools" },
  ...[["+", "Show half as many commits", () => zoomBy(0.5, null)], ["−", "Show twice as many commits", () => zoomBy(2, null)], ["all", "Show all commits", () => go({ from: "", to: "" })]].map(([text, label, act]) => {
    const made = element("button", { type: "button", "aria-label": label }, text);
    made.addEventListener("click", act);
    return made;
  }),
);
