/**
 * A pocket model as the library computes it (`fercourse/models/vgg19.py`), in TensorFlow.js.
 *
 * `lessons/site/export.py` writes the files that are read here.
 */

import * as tf from "@tensorflow/tfjs-core";

/**
 * @typedef {{shape: number[], kind: "float16" | "float32", start: number}} Place
 *   Where an array is in a model's file, in bytes.
 * @typedef {object} Description What `course.json` says of a model.
 * @property {string} name
 * @property {string} file
 * @property {number} bytes Its size.
 * @property {Object<string, Place>} arrays
 * @property {number} block After which block the attention is; 0 for none.
 * @property {"concat" | "multiply"} combine
 * @property {number} size Side in pixels of the enlarged face.
 * @property {number} parameters
 * @property {number} multiply_adds
 * @property {[number, number, number]} accuracy In percent, with both ends of its interval.
 * @typedef {object} Course
 * @property {string[]} emotions
 * @property {string[]} colours
 * @property {number} faces_per_emotion
 * @property {number} first_face One that the first model recognises.
 * @property {number} side
 * @property {number[][]} map_colours Red, green and blue for 256 values from 0 to 1.
 * @property {number[][]} signed_colours The same for values from −1 to 1.
 * @property {number[]} means
 * @property {number[]} convolutions
 * @property {Description[]} models
 * @typedef {object} Answer
 * @property {Float32Array} probabilities One for each emotion.
 * @property {number} grid Side of the map; 0 without a block.
 * @property {Float32Array} map Row by row, from 0 to 1.
 * @property {Float32Array} mean Over the channels, for each place of the grid.
 * @property {Float32Array} maximum Over the channels, for each place of the grid.
 * @property {Look[]} looks What each block computed.
 * @typedef {{grid: number, mean: Float32Array}} Look A block's features, their mean over the channels.
 */

/** A model whose arrays are in the memory of TensorFlow.js. */
export class Network {
  /**
   * @param {Course} course
   * @param {Description} description
   * @param {ArrayBuffer} content The model's file.
   */
  constructor(course, description, content) {
    this.course = course;
    this.description = description;
    /** @type {Object<string, tf.Tensor>} */
    this.arrays = {};
    for (const [name, place] of Object.entries(description.arrays)) {
      this.arrays[name] = tf.tensor(numbers(content, place), place.shape);
    }
    // Batch normalisation after a convolution is one factor and one offset a channel:
    // scale · (x ∗ kernel) + offset = x ∗ (scale · kernel) + offset.
    for (const name of Object.keys(description.arrays)) {
      if (name.endsWith("/scale")) {
        const kernel = name.replace("/scale", "/kernel");
        this.arrays[kernel] = tf.mul(this.arrays[kernel], this.arrays[name]);
      }
    }
  }

  /** The 7 × 7 kernel of the map on means and maxima, and its bias. */
  attention() {
    const kernel = this.arrays["attention/kernel"].dataSync(); // [row, column, mean or maximum]
    return { kernel, bias: this.arrays["attention/offset"].dataSync()[0] };
  }

  /**
   * @param {ArrayLike<number>} pixels Grey values from 0 to 255, row by row.
   * @returns {Answer}
   */
  answer(pixels) {
    const { block } = this.description;
    return tf.tidy(() => {
      const { features, means, stacks, map } = this.features(this.prepared(pixels));
      const hidden = tf.relu(this.dense(tf.reshape(features, [1, -1]), "fc1"));
      const probabilities = tf.softmax(this.dense(hidden, "predictions"));
      const none = new Float32Array(0);
      const [mean, maximum] = stacks ? tf.unstack(tf.squeeze(stacks, [0]), -1) : [];
      return {
        probabilities: /** @type {Float32Array} */ (probabilities.dataSync()),
        grid: block && map ? map.shape[1] : 0,
        map: map ? /** @type {Float32Array} */ (map.dataSync()) : none,
        mean: mean ? /** @type {Float32Array} */ (mean.dataSync()) : none,
        maximum: maximum ? /** @type {Float32Array} */ (maximum.dataSync()) : none,
        looks: means.map((mean) => ({ grid: mean.shape[1], mean: /** @type {Float32Array} */ (mean.dataSync()) })),
      };
    });
  }

  /**
   * Enlarged, in three channels without their means: [1, size, size, 3].
   * @param {ArrayLike<number>} pixels
   * @returns {tf.Tensor4D}
   */
  prepared(pixels) {
    const { side, means } = this.course;
    /** @type {tf.Tensor} */
    let face = tf.tensor2d(Float32Array.from(pixels), [side, side]);
    const enlarge = this.arrays["enlarge"];
    if (enlarge) face = tf.matMul(tf.matMul(enlarge, face), enlarge, false, true); // R · face · Rᵀ
    const grey = tf.reshape(face, [1, ...face.shape, 1]);
    const image = /** @type {tf.Tensor4D} */ (tf.concat([grey, grey, grey], 3));
    return tf.sub(image, tf.tensor1d(means));
  }

  /**
   * The features that the head gets; each block's mean; the two stacks and the map of the attention.
   * @param {tf.Tensor4D} x [1, size, size, 3]
   */
  features(x) {
    const { block, combine } = this.description;
    /** @type {tf.Tensor4D | undefined} */ let stacks;
    /** @type {tf.Tensor4D | undefined} */ let map;
    /** @type {tf.Tensor3D[]} */ const means = [];
    this.course.convolutions.forEach((count, index) => {
      for (let number = 1; number <= count; number++) {
        x = this.convolution(x, `block${index + 1}_conv${number}`, "relu");
      }
      x = tf.maxPool(x, 2, 2, "valid"); // each pooling halves the grid
      means.push(tf.mean(x, 3)); // [1, grid, grid]
      if (index + 1 === block) {
        // Mean and maximum over the channels: [1, grid, grid, 2].
        stacks = /** @type {tf.Tensor4D} */ (tf.concat([tf.mean(x, 3, true), tf.max(x, 3, true)], 3));
        map = /** @type {tf.Tensor4D} */ (tf.sigmoid(this.convolution(stacks, "attention", "linear")));
        if (combine === "multiply") x = tf.mul(x, map);
      }
    });
    if (map && combine === "concat") {
      const factor = map.shape[1] / x.shape[1];
      const onLastGrid = factor > 1 ? tf.avgPool(map, factor, factor, "valid") : map;
      x = tf.concat([x, onLastGrid], 3);
    }
    return { features: x, means, stacks, map };
  }

  /**
   * @param {tf.Tensor4D} x
   * @param {string} name
   * @param {"relu" | "linear"} activation
   * @returns {tf.Tensor4D}
   */
  convolution(x, name, activation) {
    const filter = /** @type {tf.Tensor4D} */ (this.arrays[`${name}/kernel`]);
    const bias = this.arrays[`${name}/offset`];
    return tf.fused.conv2d({ x, filter, strides: 1, pad: "same", bias, activation });
  }

  /**
   * @param {tf.Tensor} x
   * @param {string} name
   */
  dense(x, name) {
    return tf.add(tf.matMul(x, this.arrays[`${name}/kernel`]), this.arrays[`${name}/offset`]);
  }
}

/**
 * The numbers of one array in a file.
 * @param {ArrayBuffer} content
 * @param {Place} place
 * @returns {Float32Array}
 */
function numbers(content, { shape, kind, start }) {
  const count = shape.reduce((product, side) => product * side, 1);
  if (kind === "float32") return new Float32Array(content, start, count);
  return Float32Array.from(new Uint16Array(content, start, count), fromHalf);
}

/**
 * A number from its 16 bits: one of sign, five of exponent, ten of fraction (IEEE 754).
 * @param {number} bits
 */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * 2 ** -14 * fraction;
  return sign * 2 ** (exponent - 15) * (1 + fraction);
}
