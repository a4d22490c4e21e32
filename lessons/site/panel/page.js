/** The attention panel: the controls' state, one function that shows it, nothing else. */

import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

import { bars, coloured, intervals, least, most, paint, percent, signed } from "./draw.js";
import { Network } from "./network.js";
import * as own from "./own.js";

/** @type {<T extends HTMLElement>(name: string) => T} */
const byId = (name) => /** @type {any} */ (document.getElementById(name));
/** @type {(name: string) => HTMLInputElement} */
const input = (name) => byId(name);

const positions = input("position");
const emotions = /** @type {HTMLSelectElement} */ (byId("emotion"));

/** @type {import("./network.js").Course} */ let course;
/** @type {Uint8Array} */ let faces;
/** @type {{block: number, size: number}[]} */ let stops = [];
/** @type {Map<string, Promise<Network>>} */ const loaded = new Map();

const state = {
  face: 0, // among those of the emotion
  /** @type {ImageBitmap | null} */ picture: null,
  row: 0, // of the place that is taken apart
  column: 0,
  asked: 0, // how many answers were asked for; only the last one is shown
};

/** @param {string} name */
export function network(name) {
  const found = loaded.get(name);
  if (found) return found;
  const description = course.models.find((model) => model.name === name);
  if (!description) throw new Error(`There is no model ${name}.`);
  const making = fetchFile(description.file)
    .then((response) => response.arrayBuffer())
    .then((content) => new Network(course, description, content));
  loaded.set(name, making);
  making.catch(() => loaded.delete(name)); // the next move tries again
  return making;
}

/** @param {string} path */
async function fetchFile(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} cannot be loaded (${response.status}). Load the page again.`);
  return response;
}

/** The model that the controls describe. */
function description() {
  const { block, size } = stops[positions.valueAsNumber];
  const combine = /** @type {HTMLInputElement} */ (document.querySelector("[name=combine]:checked")).value;
  const fits = course.models.filter((model) => model.block === block && model.size === size);
  return fits.find((model) => model.combine === combine) ?? fits[0];
}

/** The face that is shown, and what it is called. */
function shown() {
  if (state.picture) {
    return { pixels: own.face(state.picture, crop(), course.side), name: "your picture" };
  }
  const number = emotions.selectedIndex * course.faces_per_emotion + state.face;
  const length = course.side ** 2;
  const pixels = faces.subarray(number * length, (number + 1) * length);
  return { pixels, name: `a drawn face labelled ${emotions.value}` };
}

const crop = () => ({
  right: input("right").valueAsNumber,
  down: input("down").valueAsNumber,
  size: input("size").valueAsNumber,
});

/** Show the state: the controls first, the answer when its model is there. */
async function show() {
  const asked = ++state.asked;
  const chosen = description();
  const place = placeInWords(stops[positions.valueAsNumber]);
  byId("position-name").textContent = place;
  positions.setAttribute("aria-valuetext", place);
  /** @type {HTMLFieldSetElement} */ (byId("combine")).disabled = chosen.block === 0;
  intervals(byId("accuracies"), course.models, chosen.label);
  byId("costs").textContent =
    `${chosen.parameters.toLocaleString("en")} parameters, ` +
    `${(chosen.multiply_adds / 1e6).toFixed(1)} million multiply-adds a face.`;
  if (!loaded.has(chosen.name)) byId("status").textContent = `Loading the model ${chosen.label} …`;
  try {
    const model = await network(chosen.name);
    if (asked === state.asked) showAnswer(model);
    byId("status").textContent = "";
  } catch (error) {
    byId("status").textContent = String(error);
  }
}

/** @param {Network} model */
function showAnswer(model) {
  const { pixels, name } = shown();
  const answer = model.answer(pixels);
  const grey = (/** @type {number} */ index) => [pixels[index], pixels[index], pixels[index]];
  paint(byId("face"), course.side, grey, name);
  showMap(answer, grey, name);
  const best = answer.probabilities.indexOf(most(answer.probabilities));
  const judged = state.picture ? "" : course.emotions[best] === emotions.value ? " (right)" : " (wrong)";
  byId("answer").textContent =
    `Its answer: ${course.emotions[best]}, ${percent(answer.probabilities[best], 0)}${judged}`;
  const names = course.emotions.map((emotion) =>
    !state.picture && emotion === emotions.value ? `${emotion} (label)` : emotion,
  );
  bars(byId("probabilities"), names, answer.probabilities, course.colours);
  takeApart(model, answer);
  if (state.picture) own.frame(byId("whole"), state.picture, crop());
}

/**
 * @param {import("./network.js").Answer} answer
 * @param {(index: number) => number[]} grey
 * @param {string} name
 */
function showMap(answer, grey, name) {
  const { grid, map } = answer;
  for (const part of ["map", "place", "both"]) byId(part).style.visibility = grid ? "visible" : "hidden";
  byId("map-name").textContent = grid ? `map, ${grid} × ${grid}` : "no block, no map";
  if (!grid) return;
  const colour = coloured(map, course.map_colours, 0, 1);
  const range = `${least(map).toFixed(2)} to ${most(map).toFixed(2)}`;
  paint(byId("map"), grid, colour, `attention map of ${grid} × ${grid} places, ${range}`);
  const cell = course.side / grid;
  /** @param {number} index Of a pixel; its place on the map is where it falls. */
  const under = (index) => {
    const row = Math.floor(Math.floor(index / course.side) / cell);
    return row * grid + Math.floor((index % course.side) / cell);
  };
  const mixed = (/** @type {number} */ index) =>
    grey(index).map((value, channel) => (value + colour(under(index))[channel]) / 2);
  paint(byId("both"), course.side, mixed, `${name} under its map`);
}

/**
 * One value of the map: the window on both stacks, the weights, the sum, the sigmoid.
 * @param {Network} model
 * @param {import("./network.js").Answer} answer
 */
function takeApart(model, answer) {
  const { grid, map, mean, maximum } = answer;
  byId("apart").hidden = grid === 0;
  if (grid === 0) return;
  state.row = Math.min(state.row, grid - 1);
  state.column = Math.min(state.column, grid - 1);
  const place = byId("place").style;
  place.width = place.height = `${100 / grid}%`;
  place.top = `${(100 * state.row) / grid}%`;
  place.left = `${(100 * state.column) / grid}%`;
  const { kernel, bias } = model.attention();
  const side = Math.round(Math.sqrt(kernel.length / 2));
  const weights = [0, 1].map((stack) => kernel.filter((_, index) => index % 2 === stack));
  const sums = [mean, maximum].map((stack, number) => {
    const name = number ? "maximum" : "mean";
    const cut = windowOf(stack, grid, side);
    paint(byId(name), side, coloured(cut, course.map_colours), `window of ${side} × ${side} on the ${name}`);
    const bound = Math.max(...weights[number].map(Math.abs));
    const colour = coloured(weights[number], course.map_colours, -bound, bound);
    paint(byId(`${name}-kernel`), side, colour, `weights for the ${name}, −${bound.toFixed(2)} to ${bound.toFixed(2)}`);
    return cut.reduce((sum, value, index) => sum + value * weights[number][index], 0);
  });
  const z = sums[0] + sums[1] + bias;
  byId("sum").textContent =
    `Row ${state.row + 1}, column ${state.column + 1}: ${signed(sums[0])} from the mean, ` +
    `${signed(sums[1])} from the maximum and ${signed(bias)} of bias make z = ${signed(z)}; ` +
    `sigmoid(z) = ${(1 / (1 + Math.exp(-z))).toFixed(3)}, and the map has ` +
    `${map[state.row * grid + state.column].toFixed(3)} there.`;
}

/**
 * The window around the place that is taken apart, with zeros beyond the border.
 * @param {Float32Array} stack
 * @param {number} grid
 * @param {number} side
 */
function windowOf(stack, grid, side) {
  return Float32Array.from({ length: side * side }, (_, index) => {
    const row = state.row + Math.floor(index / side) - (side - 1) / 2;
    const column = state.column + (index % side) - (side - 1) / 2;
    const inside = row >= 0 && row < grid && column >= 0 && column < grid;
    return inside ? stack[row * grid + column] : 0;
  });
}

/** @param {{block: number, size: number}} stop */
function placeInWords({ block, size }) {
  const place = block ? `after block ${block}` : "nowhere";
  return size === course.side ? place : `${place}, at ${size} pixels`;
}

/** @param {ImageBitmap | null} picture */
function usePicture(picture) {
  state.picture = picture;
  byId("crop").hidden = picture === null;
  for (const name of ["previous", "next"]) /** @type {any} */ (byId(name)).disabled = picture !== null;
  emotions.disabled = picture !== null;
  return show();
}

/** @param {() => Promise<ImageBitmap>} take */
async function tryPicture(take) {
  try {
    await usePicture(await take());
  } catch (error) {
    byId("status").textContent = `This picture cannot be used: ${error}`;
  }
}

/** @param {number} by */
function step(by) {
  state.face = (state.face + by + course.faces_per_emotion) % course.faces_per_emotion;
  return show();
}

/** @param {number} down @param {number} right */
function moveTo(down, right) {
  const side = /** @type {HTMLCanvasElement} */ (byId("map")).width;
  state.row = Math.min(Math.max(down, 0), side - 1);
  state.column = Math.min(Math.max(right, 0), side - 1);
  return show();
}

function listen() {
  for (const name of ["position", "right", "down", "size"]) byId(name).addEventListener("input", show);
  for (const name of ["combine", "emotion"]) byId(name).addEventListener("change", show);
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("back").addEventListener("click", () => usePicture(null));
  byId("camera").addEventListener("click", () => tryPicture(own.photograph));
  const file = input("file");
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) void tryPicture(() => own.read(chosen));
    file.value = ""; // so that the same file can be chosen again
  });
  const map = /** @type {HTMLCanvasElement} */ (byId("map"));
  map.addEventListener("click", (event) => {
    const cell = map.clientWidth / map.width;
    moveTo(Math.floor(event.offsetY / cell), Math.floor(event.offsetX / cell));
  });
  /** @type {Object<string, [number, number]>} */
  const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  map.addEventListener("keydown", (event) => {
    if (!(event.key in arrows)) return;
    event.preventDefault();
    const [down, right] = arrows[event.key];
    moveTo(state.row + down, state.column + right);
  });
}

async function start() {
  setWasmPaths("./");
  await tf.setBackend("wasm");
  course = await (await fetchFile("course.json")).json();
  faces = new Uint8Array(await (await fetchFile("faces.bin")).arrayBuffer());
  const keys = new Map(course.models.map(({ block, size }) => [`${size} ${block}`, { block, size }]));
  stops = [...keys.values()].sort((a, b) => a.size - b.size || a.block - b.block);
  positions.max = String(stops.length - 1);
  positions.valueAsNumber = stops.findIndex(({ block, size }) => block === 4 && size === course.side);
  emotions.append(...course.emotions.map((emotion) => new Option(emotion)));
  emotions.selectedIndex = Math.floor(course.first_face / course.faces_per_emotion);
  state.face = course.first_face % course.faces_per_emotion;
  listen();
  await show();
}

/** For tests: the answer of one model to one of the panel's faces. */
Object.assign(window, {
  /** @param {string} name @param {number} number */
  async ask(name, number) {
    const length = course.side ** 2;
    const answer = (await network(name)).answer(faces.subarray(number * length, (number + 1) * length));
    return { probabilities: Array.from(answer.probabilities), map: Array.from(answer.map) };
  },
  models: () => course.models.map((model) => model.name),
});

start().catch((error) => {
  byId("status").textContent = `The page cannot start: ${error}`;
});
