// Reads codes with the camera. Loaded when the camera is asked for, and not before: what reads codes is large.
// Pictures stay in this function: none is kept, none is sent.

import { prepareZXingModule, readBarcodes } from "./vendor/zxing-wasm/reader/index.js";

const READER = new URL("./vendor/zxing-wasm/zxing_reader.wasm", import.meta.url).href;
// Both kinds that cards carry: ours, and the one that is not ours, to say so.
const READ = { formats: ["QRCode", "MicroQRCode", "DataMatrix"], maxNumberOfSymbols: 4, textMode: "Plain" };
const EVERY = 120; // milliseconds between two pictures
const WANTED = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };

// Without this it would fetch its own from somebody else's host.
prepareZXingModule({ overrides: { locateFile: () => READER } });

const soon = () => new Promise((resolve) => setTimeout(resolve, EVERY));

function pictureOf(video, canvas) {
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  drawing.drawImage(video, 0, 0);
  return drawing.getImageData(0, 0, canvas.width, canvas.height);
}

/** Show the camera in a video and call `seen(texts)` with what each picture's codes say, until it returns true or
    the signal ends it. Throws what `getUserMedia` throws when there is no camera, or nobody lets us have it. */
export async function watch(video, seen, signal) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
  try {
    signal.throwIfAborted();
    video.srcObject = stream;
    await video.play();
    const canvas = document.createElement("canvas");
    while (!signal.aborted) {
      const found = video.videoWidth ? await readBarcodes(pictureOf(video, canvas), READ) : [];
      const texts = found.filter((one) => one.isValid).map((one) => one.text);
      if (texts.length > 0 && !signal.aborted && (await seen(texts))) return;
      await soon();
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
    // Opened again at once, it already shows what was opened last.
    if (video.srcObject === stream) video.srcObject = null;
  }
}
