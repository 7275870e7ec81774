// ------------------------------------------------------------------------------------------------------------

$("filter").hidden = false;
fillFilter();
beginFailures();
beginTimeline();
beginTable();
beginUnit();
followAddress();
window.addEventListener("popstate", followAddress);
document.documentElement.dataset.ready = "true";
