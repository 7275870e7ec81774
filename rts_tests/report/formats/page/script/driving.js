// -- the timeline by pointer and by keys -------------------------------------------------------------------------------

// The unit at a point of the canvas, or the nearest within a few pixels; -1 where there is none.
function unitAt(x, y) {
  const lane = lanes[Math.floor((y - laneTop(0)) / place.height)] ?? [];
  let best = -1;
  let distance = 4;
  for (const unit of lane) {
    const left = across(units.start[unit]);
    const away = Math.max(left - x, x - across(end(unit)), 0);
    if (away < distance) [best, distance] = [unit, away];
  }
  return best;
}

function showTip(unit) {
  const tip = $("tip");
  tip.hidden = unit < 0;
  if (unit < 0) return;
  const note = units.note[unit] ? ` (${units.note[unit].slice(0, 200)})` : "";
  tip.textContent = `${units.id[unit]}: ${status(unit)}${note}, ${seconds(units.wall[unit])} from ${seconds(units.start[unit])}`;
  const { x, y } = extent(unit);
  tip.style.left = `${Math.max(0, Math.min(x, place.width - tip.offsetWidth))}px`;
  tip.style.top = `${y + place.height + 5}px`;
}

// The build at a point of the canvas; undefined where there is none.
const buildAt = (x, y) => buildRows[Math.floor((y - place.top) / place.height)]?.find(
  ({ start, wall }) => across(start) - 3 <= x && x <= across(start + wall) + 3);

function showBuild(build) {
  const tip = $("tip");
  tip.hidden = false;
  tip.textContent = `build of ${build.name}: ${build.failed ? "failed" : "succeeded"}, ${seconds(build.wall)}`;
  tip.style.left = `${Math.max(0, Math.min(across(build.start), place.width - tip.offsetWidth))}px`;
  tip.style.top = `${place.top + rowsBefore() * place.height + 5}px`;
}

// Dragging selects the part to zoom to; a click without a drag opens what is there.
let selection = null;

function beginDragging() {
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    selection = { from: event.offsetX, to: event.offsetX };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", (event) => {
    if (selection) {
      selection.to = Math.max(place.left, Math.min(place.width, event.offsetX));
      if (Math.abs(selection.to - selection.from) > 3) drawTimeline();
      return;
    }
    const unit = unitAt(event.offsetX, event.offsetY);
    const build = unit < 0 && buildAt(event.offsetX, event.offsetY);
    box.style.cursor = unit < 0 ? "default" : "pointer";
    showTip(unit);
    if (build) showBuild(build);
  });
  const drop = (event) => {
    if (!selection) return;
    const [left, right] = [selection.from, selection.to].sort((one, other) => one - other);
    selection = null;
    if (event.type === "pointerup" && right - left > 6) {
      zoom.set(timeAt(left), timeAt(right));
      rezoom();
      dragged = true;
    } else drawTimeline();
  };
  let dragged = false;
  box.addEventListener("pointerup", drop);
  box.addEventListener("pointercancel", drop);
  box.addEventListener("click", (event) => {
    if (!dragged) open(unitAt(event.offsetX, event.offsetY));
    dragged = false;
  });
}

function beginZoom() {
  const buttons = { "zoom-in": () => zoom.by(0.5), "zoom-out": () => zoom.by(2), "zoom-all": () => zoom.set(origin, last) };
  for (const [id, act] of Object.entries(buttons)) {
    $(id).addEventListener("click", () => {
      act();
      rezoom();
    });
  }
  box.addEventListener("dblclick", () => {
    zoom.set(origin, last);
    rezoom();
  });
  box.addEventListener("wheel", (event) => {
    const sideways = event.shiftKey ? event.deltaY : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
    if (!event.ctrlKey && (!sideways || zoom.whole())) return; // the page scrolls
    event.preventDefault();
    if (event.ctrlKey) zoom.by(event.deltaY > 0 ? 1.25 : 0.8, timeAt(event.offsetX));
    else {
      const by = sideways / place.width * (zoom.to - zoom.from);
      zoom.set(zoom.from + by, zoom.to + by);
    }
    rezoom();
  }, { passive: false });
}

function beginTimeline() {
  fillLanes();
  if (!lanes.length && !buildRows.length) return;
  box.hidden = $("legend").hidden = $("zoom").hidden = false;
  const legend = { bad: units.failed.includes(1) || data.builds.some(({ failed }) => failed), pole: data.pole !== null, build: data.builds.length > 0 };
  for (const [name, there] of Object.entries(legend)) document.querySelector(`.swatch.${name}`).parentElement.hidden = !there;
  box.addEventListener("pointerleave", () => showTip(-1));
  box.addEventListener("blur", () => showTip(-1));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") open(activeUnit());
    else if (event.key === "Escape") showTip(-1);
    else if (["+", "=", "-", "0"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
      $({ "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "zoom-all" }[event.key]).click();
    } else if (!walk(event.key)) return;
    event.preventDefault();
  });
  beginDragging();
  beginZoom();
  new ResizeObserver(drawTimeline).observe(box);
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", drawTimeline);
}

// Left and right along a lane, up and down to what ran at the same time; only units that match the filter.
function walk(key) {
  const matching = lanes.map((lane) => lane.filter((unit) => state.shown[unit]));
  const first = matching.find((lane) => lane.length)?.[0] ?? -1;
  const active = activeUnit();
  const known = active >= 0 && ran(active) && state.shown[active];
  const number = known ? units.lane[active] : 0;
  const at = known ? matching[number].indexOf(active) : -1;
  let next;
  if (!known && key.startsWith("Arrow")) next = first;
  else if (key === "ArrowRight") next = matching[number][at + 1];
  else if (key === "ArrowLeft") next = matching[number][at - 1];
  else if (key === "Home") next = first;
  else if (key === "End") next = matching.flat().reduce((last, unit) => last < 0 || end(unit) > end(last) ? unit : last, -1);
  else if (key === "ArrowDown" || key === "ArrowUp") {
    const rows = key === "ArrowDown" ? matching.slice(number + 1) : matching.slice(0, number).reverse();
    const time = units.start[active] + units.wall[active] / 2;
    const lane = rows.find((row) => row.length) ?? [];
    next = lane.findLast((unit) => units.start[unit] <= time) ?? lane[0];
  } else return false;
  if (next !== undefined && next >= 0) {
    if (!seen(units.start[next], end(next))) zoom.set(units.start[next] - (zoom.to - zoom.from) / 2, units.start[next] + (zoom.to - zoom.from) / 2);
    activate(next);
    showTip(next);
    $("said").textContent = described(next);
  }
  return true;
}
