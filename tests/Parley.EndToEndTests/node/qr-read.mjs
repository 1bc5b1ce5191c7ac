// Reads a QR code that a terminal shows (half blocks, light where a block is) and prints its text.
import jsQR from "jsqr";
import { readFileSync } from "node:fs";

const scale = 4;
const light = { "█": [true, true], "▀": [true, false], "▄": [false, true], " ": [false, false] };
const rows = readFileSync(0, "utf8").split("\n").filter((line) => line.length > 0);
const modules = rows.flatMap((line) => [0, 1].map((half) => [...line].map((character) => light[character][half])));
const [width, height] = [modules[0].length * scale, modules.length * scale];
const pixels = new Uint8ClampedArray(width * height * 4);
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) {
    const value = modules[Math.floor(y / scale)][Math.floor(x / scale)] ? 255 : 0;
    pixels.set([value, value, value, 255], (y * width + x) * 4);
  }
}

const code = (jsQR.default ?? jsQR)(pixels, width, height);
if (!code) {
  console.error("no code is seen");
  process.exit(1);
}

process.stdout.write(Buffer.from(code.binaryData));
