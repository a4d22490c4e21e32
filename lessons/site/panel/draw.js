/** What the page shows, drawn from numbers: pictures, bars and intervals. */

/** @typedef {number[][]} Colours Red, green and blue for 256 values. */

/**
 * Cells of a grid as pixels of a canvas, which the style sheet enlarges.
 * @param {HTMLCanvasElement} canvas
 * @param {number} side
 * @param {(index: number) => number[]} colour Red, green and blue of a cell.
 * @param {string} name What the picture shows, for those who do not see it.
 */
export function paint(canvas, side, colour, name) {
  canvas.width = canvas.height = side;
  const pixels = new Uint8ClampedArray(side * side * 4);
  for (let index = 0; index < side * side; index++) pixels.set([...colour(index), 255], 4 * index);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.putImageData(new ImageData(pixels, side, side), 0, 0);
  canvas.setAttribute("aria-label", name);
}

/**
 * Values from the lowest to the highest, in 256 colours.
 * @param {ArrayLike<number>} values
 * @param {Colours} colours
 * @param {number} [low]
 * @param {number} [high]
 * @returns {(index: number) => number[]}
 */
export function coloured(values, colours, low = least(values), high = most(values)) {
  return (index) => {
    const share = high > low ? (values[index] - low) / (high - low) : 0;
    return colours[Math.round(255 * Math.min(1, Math.max(0, share)))];
  };
}

/**
 * Pixels as they are.
 * @param {ArrayLike<number>} pixels From 0 to 255.
 * @returns {(index: number) => number[]}
 */
export const greys = (pixels) => (index) => [pixels[index], pixels[index], pixels[index]];

/** @param {ArrayLike<number>} values */
export const most = (values) => Array.from(values).reduce((a, b) => Math.max(a, b), -Infinity);
/** @param {ArrayLike<number>} values */
export const least = (values) => Array.from(values).reduce((a, b) => Math.min(a, b), Infinity);

/**
 * A bar for each emotion, the answer marked; a line where the bar ended before.
 * @param {HTMLElement} box
 * @param {string[]} names
 * @param {ArrayLike<number>} shares From 0 to 1.
 * @param {ArrayLike<number> | null} before The same, of the answer that was shown before.
 * @param {string[]} colours
 */
export function bars(box, names, shares, before, colours) {
  const answer = Array.from(shares).indexOf(most(shares));
  box.replaceChildren(
    ...names.map((name, index) => {
      const row = element("div", index === answer ? "bar marked" : "bar");
      const track = element("div", "track");
      const fill = element("div", "fill");
      fill.style.width = `${100 * shares[index]}%`;
      fill.style.background = colours[index];
      track.append(fill);
      if (before) {
        const tick = element("i", "tick");
        tick.style.left = `${100 * before[index]}%`;
        track.append(tick);
      }
      row.append(element("span", "", name), track, element("span", "", percent(shares[index], 0)));
      return row;
    }),
  );
}

/** @typedef {{name: string, label: string, accuracy: [number, number, number]}} Measured In percent. */

/**
 * Accuracies with their intervals on one scale, group by group, the current model marked.
 * @param {HTMLElement} box
 * @param {Map<string, Measured[]>} groups
 * @param {string} current Its name.
 */
export function intervals(box, groups, current) {
  const all = [...groups.values()].flat();
  const left = Math.floor(least(all.map((model) => model.accuracy[1])));
  const right = Math.ceil(most(all.map((model) => model.accuracy[2])));
  const share = (/** @type {number} */ value) => `${(100 * (value - left)) / (right - left)}%`;
  /** @type {number[]} */ const ticks = [];
  for (let value = left + (left % 2); value < right; value += 2) ticks.push(value);
  /** @param {string} tag @param {number} value @param {string} [text] */
  const at = (tag, value, text) => {
    const made = element(tag, "", text);
    made.style.left = share(value);
    return made;
  };
  const axis = element("div", "interval");
  const numbers = element("div", "scale");
  numbers.append(...ticks.map((value) => at("small", value, String(value))));
  axis.append(element("span"), numbers);
  const rows = [...groups].map(([title, models]) => [
    element("h3", "", title),
    ...models.map(({ name, label, accuracy: [value, low, high] }) => {
      const row = element("div", name === current ? "interval marked" : "interval");
      const scale = element("div", "scale");
      const line = at("i", low);
      line.style.right = `calc(100% - ${share(high)})`;
      scale.append(...ticks.map((tick) => at("u", tick)), line, at("b", value));
      row.append(element("span", "", label), scale, element("span", "", percent(value / 100, 1)));
      return row;
    }),
  ]);
  box.replaceChildren(...rows.flat(), axis);
}

/**
 * @param {number} share From 0 to 1.
 * @param {number} digits
 */
export const percent = (share, digits) => `${(100 * share).toFixed(digits)}\u00a0%`;

/**
 * With a minus sign rather than a hyphen.
 * @param {number} value
 */
export const signed = (value) => value.toFixed(2).replace("-", "\u2212");

/**
 * @param {string} tag
 * @param {string} [kind] Its class in the style sheet.
 * @param {string} [text]
 */
export function element(tag, kind = "", text = "") {
  const made = document.createElement(tag);
  made.className = kind;
  made.textContent = text;
  return made;
}
