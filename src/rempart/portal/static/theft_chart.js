// Draws people exposed against time: SVG made of DOM calls, as wide as the page has room for.

const SVG = "http://www.w3.org/2000/svg";
const PAD = { top: 52, right: 18, bottom: 44, left: 70 };

function made(name, attributes, parent) {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  parent?.append(one);
  return one;
}

/** A count at a moment: between two points in proportion, or as the last point had it. */
export function at(points, moment, steps) {
  let last = [0, 0];
  for (const point of points) {
    if (point[0] > moment) {
      if (steps) return last[1];
      const part = (moment - last[0]) / (point[0] - last[0]);
      return last[1] + part * (point[1] - last[1]);
    }
    last = point;
  }
  return last[1];
}

/** Round moments of the time that is shown, six at most, and its end. */
export function moments(seconds) {
  const step = [1, 2, 5, 10, 20, 60].find((one) => seconds / one <= 6) ?? seconds;
  const rounds = Array.from({ length: Math.ceil(seconds / step) }, (_, index) => index * step);
  return [...rounds, seconds];
}

/** The chart in a place of the page; `texts` are the axes' and the curves' names. */
export function chart(place, texts, number) {
  let svg = null;
  return function draw(curves, shown, seconds, most, isLog) {
    const width = Math.max(280, place.clientWidth);
    // The counters and the curves are seen at once where the window allows it.
    const height = Math.round(Math.min(500, width * 0.42 + 200, Math.max(340, innerHeight - 400)));
    const isNarrow = width < 560;
    const top = isLog ? Math.log10(most * 1.6) : most * 1.02;
    const x = (moment) => PAD.left + (moment / seconds) * (width - PAD.left - PAD.right);
    // Nought has no place on a logarithmic scale: it is drawn where one half would be.
    const level = (count) => (isLog ? Math.log10(Math.max(count, 0.5)) - Math.log10(0.5) : count);
    const span = isLog ? top - Math.log10(0.5) : top;
    const y = (count) => height - PAD.bottom - (level(count) / span) * (height - PAD.top - PAD.bottom);
    const next = made("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": texts.summary });
    for (const tick of isLog ? [1, 10, 100, 1_000, 10_000] : steps(most)) {
      made("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: y(tick), y2: y(tick) }, next);
      const label = made("text", { x: PAD.left - 10, y: y(tick) + 5, "text-anchor": "end" }, next);
      label.textContent = number(tick);
    }
    for (const [index, moment] of moments(seconds).entries()) {
      const isEnd = moment === seconds;
      if (isNarrow && index % 2 === 1 && !isEnd) continue;
      const spot = { x: x(moment), y: height - PAD.bottom + 24, "text-anchor": isEnd ? "end" : "middle" };
      made("text", spot, next).textContent = isEnd ? `${number(moment)}\u00a0${texts.axisX}` : number(moment);
    }
    made("line", { class: "axis", x1: PAD.left, x2: width - PAD.right, y1: y(0), y2: y(0) }, next);
    made("line", { class: "then", x1: PAD.left, x2: width - PAD.right, y1: y(texts.then), y2: y(texts.then) }, next);
    const then = made("text", { x: PAD.left + 8, y: y(texts.then) - 8 }, next);
    then.textContent = isNarrow ? texts.thenShort : texts.thenText;
    for (const name of ["b0", "b3", "real"]) {
      const isReal = name === "real";
      const points = curves[name].filter(([moment]) => moment <= shown);
      const now = at(curves[name], shown, isReal);
      let path = `M${x(0)} ${y(0)}`;
      let before = 0;
      for (const [moment, count] of points) {
        if (isReal) path += `L${x(moment)} ${y(before)}`;
        path += `L${x(moment)} ${y(count)}`;
        before = count;
      }
      path += isReal ? `L${x(shown)} ${y(before)}L${x(shown)} ${y(now)}` : `L${x(shown)} ${y(now)}`;
      if (name === "b0") made("path", { class: "area-b0", d: `${path}L${x(shown)} ${y(0)}L${x(0)} ${y(0)}Z` }, next);
      made("path", { class: `curve ${name}`, d: path }, next);
      // Two curves that still lie on each other have one name.
      const isOther = name !== "b3" || Math.abs(y(now) - y(at(curves.b0, shown, false))) > 12;
      if (!isOther || shown <= seconds * 0.04) continue;
      // Over the curve; the one that ends flat below another has its name under it.
      let level_ = y(now) + (name === "b3" ? 30 : -16);
      // Nor on the line of 2022: over that, and on a narrow page over its text, too.
      if (name === "b0" && level_ < y(texts.then) + 30) level_ = y(texts.then) - (isNarrow ? 30 : 8);
      named(next, { name, x: x(shown), y: level_, isLate: x(shown) > width * 0.55 }, `${texts[name]} ${number(Math.round(now))}`);
    }
    svg ? svg.replaceWith(next) : place.replaceChildren(next);
    svg = next;
  };
}

/** A curve's name at its end: to its right before half of the time, to its left afterwards. */
function named(svg, spot, text) {
  const { name, x, y, isLate } = spot;
  const placed = { class: `name name-${name}`, x: x + (isLate ? -6 : 10), y, "text-anchor": isLate ? "end" : "start" };
  made("text", placed, svg).textContent = text;
}

function steps(most) {
  const step = [100, 250, 500, 1_000, 2_500, 5_000].find((one) => most / one <= 6) ?? 10_000;
  return Array.from({ length: Math.floor((most * 1.1) / step) + 1 }, (_, index) => index * step);
}
