/** The reader's own picture: read, cropped and made grey on this page and nowhere else. */

/** @typedef {{right: number, down: number, size: number}} Crop Middle and side, as shares. */

/**
 * A picture from a file, or what the camera sees.
 * @param {Blob | HTMLVideoElement} source
 */
export const read = (source) => createImageBitmap(source);

/**
 * Show what the camera sees.
 * @param {HTMLVideoElement} video
 */
export async function watch(video) {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
  await video.play();
}

/**
 * Switch the camera off.
 * @param {HTMLVideoElement} video
 */
export function stop(video) {
  const stream = /** @type {MediaStream | null} */ (video.srcObject);
  for (const track of stream?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

/**
 * The square that a crop cuts out, moved inwards where it would leave the picture.
 * @param {ImageBitmap} picture
 * @param {Crop} crop
 */
export function square({ width, height }, { right, down, size }) {
  const length = size * Math.min(width, height);
  const within = (/** @type {number} */ start, /** @type {number} */ side) =>
    Math.min(Math.max(start, 0), side - length);
  const left = within(right * width - length / 2, width);
  return { left, top: within(down * height - length / 2, height), length };
}

/**
 * The crop as a face: grey values from 0 to 255, row by row.
 * @param {ImageBitmap} picture
 * @param {Crop} crop
 * @param {number} side
 */
export function face(picture, crop, side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white"; // what is transparent becomes white
  context.fillRect(0, 0, side, side);
  const { left, top, length } = square(picture, crop);
  context.drawImage(picture, left, top, length, length, 0, 0, side, side);
  const colours = context.getImageData(0, 0, side, side).data;
  // Grey as in the library, which reads pictures with Pillow: ITU-R 601-2.
  return Uint8ClampedArray.from({ length: side * side }, (_, index) => {
    const [red, green, blue] = colours.subarray(4 * index, 4 * index + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  });
}

/**
 * The whole picture with the crop's frame.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} picture
 * @param {Crop} crop
 */
export function frame(canvas, picture, crop) {
  const scale = 300 / Math.max(picture.width, picture.height);
  canvas.width = picture.width * scale;
  canvas.height = picture.height * scale;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const { left, top, length } = square(picture, crop);
  context.lineWidth = 3;
  context.strokeStyle = "#e69f00";
  context.strokeRect(left * scale, top * scale, length * scale, length * scale);
}
