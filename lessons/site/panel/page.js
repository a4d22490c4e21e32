/** The attention panel: the controls' state, one function that shows it, nothing else. */

import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

import { bars, coloured, element, greys, intervals, least, most, paint, percent, signed } from "./draw.js";
import { Network } from "./network.js";
import * as own from "./own.js";

/** @typedef {import("./network.js").Answer} Answer */
/** @typedef {[number, number]} Place Row and column of a map. */

/** @type {<T extends HTMLElement>(name: string) => T} */
const byId = (name) => /** @type {any} */ (document.getElementById(name));
/** @type {(name: string) => HTMLInputElement} */
const input = (name) => byId(name);
/** @type {(name: string) => HTMLCanvasElement} */
const canvas = (name) => byId(name);
/** What is chosen among radio buttons. @type {(name: string) => string} */
const chosenOf = (name) => /** @type {HTMLInputElement} */ (document.querySelector(`[name=${name}]:checked`)).value;

const OUTSIDE = [128, 128, 128]; // the grid

const positions = input("position");
const video = /** @type {HTMLVideoElement} */ (byId("video"));

/** @type {import("./network.js").Course} */ let course;
/** @type {Uint8Array} */ let faces;
/** @type {Map<string, Promise<Network>>} */ const loaded = new Map();
/** @type {Promise<unknown>} */ let backend;

const state = {
  face: 0, // among those of the emotion
  size: 0, // side of the face that the model gets, in pixels
  /** @type {ImageBitmap | null} */ picture: null,
  /** The chosen row and column; without a choice, the map is taken apart where it is highest. @type {Place | null} */
  chosen: null,
  /** @type {Place} */ place: [0, 0], // the one that is taken apart
  asked: 0, // how many answers were asked for; only the last one is shown
  /** @type {Shown | null} */ now: null,
  /** @type {Shown | null} */ before: null,
};
/** @typedef {{what: string, face: string, probabilities: Float32Array}} Shown An answer on the page. */

/** @param {string} name */
function network(name) {
  const begun = loaded.get(name);
  if (begun) return begun;
  const description = course.models.find((model) => model.name === name);
  if (!description) throw new Error(`There is no model ${name}.`);
  const content = fetchFile(description.file).then((response) => response.arrayBuffer());
  const making = Promise.all([content, backend]).then(([bytes]) => new Network(course, description, bytes));
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
  const here = course.models.filter((model) => model.block === positions.valueAsNumber);
  const fits = here.some((model) => model.size === state.size)
    ? here.filter((model) => model.size === state.size)
    : here.filter((model) => model.size === here[0].size);
  return fits.find((model) => model.combine === chosenOf("combine")) ?? fits[0];
}

/** One of the drawn faces. @param {number} emotion @param {number} which */
function drawn(emotion, which) {
  const length = course.side ** 2;
  const number = emotion * course.faces_per_emotion + which;
  return faces.subarray(number * length, (number + 1) * length);
}

/** The face that is shown, and what it is called. */
function shown() {
  if (state.picture) {
    return { pixels: own.face(state.picture, crop(), course.side), name: "your picture", label: "" };
  }
  const label = chosenOf("emotion");
  return { pixels: drawn(course.emotions.indexOf(label), state.face), name: `a drawn face labelled ${label}`, label };
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
  state.size = chosen.size;
  const place = placeInWords(chosen);
  byId("position-name").textContent = place;
  positions.setAttribute("aria-valuetext", place);
  byId("size-note").hidden = chosen.size === course.side;
  byId("blocks-note").hidden = chosen.size !== course.side;
  /** @type {HTMLFieldSetElement} */ (byId("combine")).disabled = chosen.block === 0;
  intervals(byId("accuracies"), groups(), chosen.name);
  byId("costs").textContent =
    `The marked model: ${percent(chosen.accuracy[0] / 100, 1)} (${chosen.accuracy[1].toFixed(1)} to ` +
    `${percent(chosen.accuracy[2] / 100, 1)}), ${chosen.parameters.toLocaleString("en")} parameters, ` +
    `${(chosen.multiply_adds / 1e6).toFixed(1)} million multiply-adds a face.`;
  if (!loaded.has(chosen.name)) {
    byId("status").textContent = `Loading this model (${(chosen.bytes / 1e6).toFixed(1)}\u00a0MB) …`;
    document.body.classList.add("busy");
  }
  try {
    const model = await network(chosen.name);
    if (asked !== state.asked) return;
    showAnswer(model);
    byId("status").textContent = "";
  } catch (error) {
    byId("status").textContent = String(error);
  }
  document.body.classList.remove("busy");
}

/** The models by how their map is used and how large the face is. */
function groups() {
  /** @type {Map<string, import("./draw.js").Measured[]>} */
  const groups = new Map();
  for (const model of course.models) {
    const small = model.size === course.side;
    const title = small ? usage(model) || "without attention" : `on faces enlarged to ${model.size} pixels`;
    const label = small || !model.block ? positionOf(model) : `block ${model.block}, ${usage(model)}`;
    groups.set(title, [...(groups.get(title) ?? []), { ...model, label }]);
  }
  return groups;
}

/** @param {Network} model */
function showAnswer(model) {
  const { pixels, name, label } = shown();
  const answer = model.answer(pixels);
  const grey = greys(pixels);
  paint(canvas("face"), course.side, grey, name);
  byId("face-name").textContent = label ? `face: ${label}` : "your face";
  showStrip(answer, model.description, grey);
  showMap(answer, grey, name);
  showProbabilities(answer.probabilities, label, model.description.name);
  takeApart(model, answer);
  if (state.picture) own.frame(canvas("whole"), state.picture, crop());
}

/**
 * The answer, and a line for the one before if it was about the same face.
 * @param {Float32Array} probabilities
 * @param {string} label
 * @param {string} what The model's name.
 */
function showProbabilities(probabilities, label, what) {
  const face = state.picture ? JSON.stringify(crop()) : `${label} ${state.face}`;
  if (state.now && (state.now.what !== what || state.now.face !== face)) state.before = state.now;
  state.now = { what, face, probabilities };
  const before = state.before?.face === face ? state.before : null;
  const best = probabilities.indexOf(most(probabilities));
  const judged = label ? (course.emotions[best] === label ? " (right)" : " (wrong)") : "";
  byId("answer").textContent = `${course.emotions[best]}, ${percent(probabilities[best], 0)}${judged}`;
  byId("answer").className = judged.replace(/\W/g, "");
  const names = course.emotions.map((emotion) => (emotion === label ? `${emotion} (label)` : emotion));
  bars(byId("probabilities"), names, probabilities, before?.probabilities ?? null, course.colours);
  const model = course.models.find((one) => one.name === before?.what);
  const how = model?.block ? `, ${usage(model)}` : "";
  byId("before").textContent = model ? `Lines mark the previous answer: attention ${placeInWords(model)}${how}.` : "";
}

/**
 * What each block computed; the one that the attention follows is marked.
 * @param {Answer} answer
 * @param {{block: number, size: number}} model
 * @param {(index: number) => number[]} grey
 */
function showStrip(answer, model, grey) {
  const pictures = [{ grid: course.side, mean: null }, ...answer.looks];
  pictures.forEach(({ grid, mean }, block) => {
    const button = /** @type {HTMLElement} */ (byId("strip").children[block]);
    button.setAttribute("aria-pressed", String(block === model.block));
    const colour = mean ? coloured(mean, course.map_colours) : grey;
    paint(/** @type {HTMLCanvasElement} */ (button.firstElementChild), grid, colour, "");
    const side = block ? grid : model.size;
    /** @type {HTMLElement} */ (button.querySelector("small")).textContent = `${side}\u00a0×\u00a0${side}`;
  });
}

/**
 * @param {Answer} answer
 * @param {(index: number) => number[]} grey
 * @param {string} name
 */
function showMap(answer, grey, name) {
  const { grid, map } = answer;
  for (const part of ["map", "place", "both", "both-name", "scale"]) byId(part).style.visibility = grid ? "visible" : "hidden";
  byId("map-name").textContent = grid ? `map, ${grid} × ${grid}` : "no map";
  if (!grid) return;
  const colour = coloured(map, course.map_colours, 0, 1);
  const range = `${least(map).toFixed(2)} to ${most(map).toFixed(2)}`;
  paint(canvas("map"), grid, colour, `attention map of ${grid} × ${grid} places, ${range}`);
  const cell = course.side / grid;
  /** @param {number} index Of a pixel; its place on the map is where it falls. */
  const under = (index) => {
    const row = Math.floor(Math.floor(index / course.side) / cell);
    return row * grid + Math.floor((index % course.side) / cell);
  };
  const mixed = (/** @type {number} */ index) =>
    grey(index).map((value, channel) => (value + colour(under(index))[channel]) / 2);
  paint(canvas("both"), course.side, mixed, `${name} under its map`);
}

/** The place to take apart. @param {Answer} answer @returns {Place} */
function placeOf({ grid, map }) {
  if (!state.chosen) {
    const highest = map.indexOf(most(map));
    return [Math.floor(highest / grid), highest % grid];
  }
  const [row, column] = state.chosen;
  return [Math.min(row, grid - 1), Math.min(column, grid - 1)];
}

/**
 * One value of the map: the window on both stacks, the weights, the sum, the sigmoid.
 * @param {Network} model
 * @param {Answer} answer
 */
function takeApart(model, answer) {
  const { grid, map } = answer;
  byId("apart").hidden = grid === 0;
  if (grid === 0) return;
  const [row, column] = (state.place = placeOf(answer));
  const place = byId("place").style;
  place.width = place.height = `${100 / grid}%`;
  place.top = `${(100 * row) / grid}%`;
  place.left = `${(100 * column) / grid}%`;
  const { kernel, bias } = model.attention();
  const side = Math.round(Math.sqrt(kernel.length / 2));
  const sums = /** @type {const} */ (["mean", "maximum"]).map((name, number) => {
    const weights = kernel.filter((_, index) => index % 2 === number);
    const places = windowAround(row, column, grid, side);
    return showWeighing(name, side, places, answer[name], weights);
  });
  const z = sums[0] + sums[1] + bias;
  byId("sum").textContent =
    `Row ${row + 1}, column ${column + 1}: ${signed(sums[0])} from the mean, ` +
    `${signed(sums[1])} from the maximum and ${signed(bias)} of bias make z = ${signed(z)}; ` +
    `sigmoid(z) = ${(1 / (1 + Math.exp(-z))).toFixed(3)}, and the map has ` +
    `${map[row * grid + column].toFixed(3)} there.`;
}

/**
 * The window on one stack times its weights; returns the sum of the products.
 * @param {"mean" | "maximum"} name
 * @param {number} side Of the window.
 * @param {number[]} places Of the window, −1 outside the grid.
 * @param {Float32Array} stack
 * @param {ArrayLike<number>} weights
 */
function showWeighing(name, side, places, stack, weights) {
  const numbers = places.map((place) => (place < 0 ? 0 : stack[place]));
  const products = numbers.map((value, index) => value * weights[index]);
  const sum = products.reduce((total, value) => total + value, 0);
  const inside = coloured(numbers, course.map_colours, least(stack), most(stack));
  const signs = (/** @type {ArrayLike<number>} */ values) => {
    const bound = most(Array.from(values).map(Math.abs));
    return coloured(values, course.signed_colours, -bound, bound);
  };
  const product = signs(products);
  /** @param {(index: number) => number[]} colour @returns {(index: number) => number[]} */
  const onGrid = (colour) => (index) => (places[index] < 0 ? OUTSIDE : colour(index));
  const bound = most(Array.from(weights).map(Math.abs)).toFixed(2);
  paint(canvas(name), side, onGrid(inside), `window of ${side} × ${side} on the ${name}`);
  paint(canvas(`${name}-kernel`), side, signs(weights), `weights for the ${name}, −${bound} to ${bound}`);
  paint(canvas(`${name}-product`), side, onGrid(product), `products for the ${name}, sum ${signed(sum)}`);
  byId(`${name}-sum`).textContent = `products, sum ${signed(sum)}`;
  return sum;
}

/**
 * The places around one, row by row; −1 for those outside the grid.
 * @param {number} row
 * @param {number} column
 * @param {number} grid
 * @param {number} side
 */
function windowAround(row, column, grid, side) {
  return Array.from({ length: side * side }, (_, index) => {
    const down = row + Math.floor(index / side) - (side - 1) / 2;
    const right = column + (index % side) - (side - 1) / 2;
    return down >= 0 && down < grid && right >= 0 && right < grid ? down * grid + right : -1;
  });
}

/** @param {{block: number}} model */
const positionOf = ({ block }) => (block ? `after block ${block}` : "nowhere");

/** @param {{block: number, size: number}} model */
function placeInWords(model) {
  const position = positionOf(model);
  return model.size === course.side ? position : `${position}, face enlarged to ${model.size} pixels`;
}

/** How a model uses its map; empty without one. @param {{block: number, combine: string}} model */
const usage = ({ block, combine }) => (!block ? "" : combine === "concat" ? "appended" : "multiplied");

/** @param {ImageBitmap | null} picture */
function usePicture(picture) {
  state.picture = picture;
  byId("crop").hidden = picture === null;
  for (const name of ["previous", "next", "emotions"]) {
    /** @type {HTMLButtonElement | HTMLFieldSetElement} */ (byId(name)).disabled = picture !== null;
  }
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

async function useCamera() {
  try {
    byId("live").hidden = false;
    await own.watch(video);
  } catch (error) {
    stopCamera();
    byId("status").textContent = `The camera cannot be used: ${error}`;
  }
}

function stopCamera() {
  own.stop(video);
  byId("live").hidden = true;
}

async function takePicture() {
  await tryPicture(() => own.read(video));
  stopCamera();
}

/** @param {number} by */
function step(by) {
  state.face = (state.face + by + course.faces_per_emotion) % course.faces_per_emotion;
  showEmotions();
  return show();
}

/** A small face for each emotion. */
function showEmotions() {
  course.emotions.forEach((emotion, index) => {
    paint(canvas(`small-${emotion}`), course.side, greys(drawn(index, state.face)), "");
  });
}

/** @param {number} down @param {number} right */
function moveTo(down, right) {
  const last = canvas("map").width - 1;
  state.chosen = [Math.min(Math.max(down, 0), last), Math.min(Math.max(right, 0), last)];
  return show();
}

/** The controls that depend on the course. @param {number} firstEmotion */
function addControls(firstEmotion) {
  for (let block = 0; block <= course.convolutions.length; block++) {
    const button = element("button");
    button.setAttribute("type", "button");
    const name = element("span");
    name.append(...(block ? [element("i", "", "block "), String(block)] : ["none"]));
    button.append(element("canvas"), name, element("small"));
    button.addEventListener("click", () => {
      positions.valueAsNumber = block;
      void show();
    });
    byId("strip").append(button);
  }
  byId("emotions").append(
    ...course.emotions.map((emotion, index) => {
      const label = element("label");
      const radio = Object.assign(document.createElement("input"), { type: "radio", name: "emotion", value: emotion });
      radio.checked = index === firstEmotion;
      radio.setAttribute("aria-label", emotion);
      const picture = element("canvas");
      picture.id = `small-${emotion}`;
      label.append(radio, picture, element("span", "", emotion));
      return label;
    }),
  );
  const bar = canvas("colours");
  bar.height = 1;
  bar.width = course.map_colours.length;
  const context = /** @type {CanvasRenderingContext2D} */ (bar.getContext("2d"));
  context.putImageData(
    new ImageData(Uint8ClampedArray.from(course.map_colours.flatMap((colour) => [...colour, 255])), bar.width, 1), 0, 0,
  );
}

function listen() {
  for (const name of ["position", "right", "down", "size"]) byId(name).addEventListener("input", show);
  for (const name of ["combine", "emotions"]) byId(name).addEventListener("change", show);
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("back").addEventListener("click", () => usePicture(null));
  byId("camera").addEventListener("click", useCamera);
  byId("take").addEventListener("click", takePicture);
  byId("cancel").addEventListener("click", stopCamera);
  byId("own").addEventListener("toggle", stopCamera);
  const file = input("file");
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) void tryPicture(() => own.read(chosen));
    file.value = ""; // so that the same file can be chosen again
  });
  for (const name of ["map", "both"]) {
    const picture = canvas(name);
    picture.addEventListener("click", (event) => {
      const cell = picture.clientWidth / canvas("map").width;
      void moveTo(Math.floor(event.offsetY / cell), Math.floor(event.offsetX / cell));
    });
  }
  const whole = canvas("whole");
  whole.addEventListener("click", (event) => {
    input("right").valueAsNumber = event.offsetX / whole.clientWidth;
    input("down").valueAsNumber = event.offsetY / whole.clientHeight;
    void show();
  });
  /** @type {Object<string, [number, number]>} */
  const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  canvas("map").addEventListener("keydown", (event) => {
    if (!(event.key in arrows)) return;
    event.preventDefault();
    const [down, right] = arrows[event.key];
    void moveTo(state.place[0] + down, state.place[1] + right);
  });
}

async function start() {
  setWasmPaths("./");
  backend = tf.setBackend("wasm"); // while the other files are on their way
  [course, faces] = await Promise.all([
    fetchFile("course.json").then((response) => response.json()),
    fetchFile("faces.bin").then(async (response) => new Uint8Array(await response.arrayBuffer())),
  ]);
  positions.max = String(course.convolutions.length);
  positions.valueAsNumber = 4;
  state.face = course.first_face % course.faces_per_emotion;
  addControls(Math.floor(course.first_face / course.faces_per_emotion));
  showEmotions();
  listen();
  await show();
}

/** For tests: the answer of one model to one of the panel's faces. */
Object.assign(window, {
  /** @param {string} name @param {number} number */
  async ask(name, number) {
    const answer = (await network(name)).answer(drawn(0, number));
    return { probabilities: Array.from(answer.probabilities), map: Array.from(answer.map) };
  },
  models: () => course.models.map((model) => model.name),
});

start().catch((error) => {
  byId("status").textContent = `The page cannot start: ${error}`;
});
