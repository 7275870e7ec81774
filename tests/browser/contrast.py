"""The contrast of a page's text and colours, measured in the browser (WCAG 2.1, relative luminance)."""

CONTRAST = """
(pairs) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgb(getComputedStyle(document.body).backgroundColor);
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const seen = element.checkVisibility() && !element.closest("script, style, .unseen");
    if (!seen || !walker.currentNode.data.trim()) continue;
    const value = ratio(rgb(getComputedStyle(element).color), ground(element));
    if (value < 4.5) poor.push(`${element.className} ${walker.currentNode.data}: ${value.toFixed(2)}`);
  }
  const colour = (name) => rgb(getComputedStyle(document.documentElement).getPropertyValue(`--${name}`));
  for (const [ink, ground, least] of pairs) {
    const value = ratio(colour(ink), colour(ground));
    if (value < least) poor.push(`${ink} on ${ground}: ${value.toFixed(2)}`);
  }
  return poor;
}
"""
"""A function of pairs of CSS variables (ink, ground, least ratio): what is below 4.5, or below its least ratio."""
