// SHA-256 (FIPS 180-4) piece by piece, which WebCrypto does not do: for hashes over what is never in memory at once. Chunks are verified by WebCrypto.

const BLOCK_BYTES = 64;
const ROUNDS = 64;

// The fractions of cube roots (round constants) and square roots (first state) of the first primes: 32 bits of each.
const primes = [];
for (let number = 2; primes.length < ROUNDS; number++) {
  if (primes.every((prime) => number % prime !== 0)) {
    primes.push(number);
  }
}
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/** A hash that grows. */
export class Sha256 {
  #state = START.slice();
  #words = new Int32Array(ROUNDS);
  #block = new Uint8Array(BLOCK_BYTES);
  #view = new DataView(this.#block.buffer);
  #filled = 0;
  #length = 0;

  /** Adds bytes. */
  add(bytes) {
    this.#length += bytes.length;
    let at = 0;
    if (this.#filled > 0) {
      at = Math.min(BLOCK_BYTES - this.#filled, bytes.length);
      this.#block.set(bytes.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < BLOCK_BYTES) {
        return this;
      }
      this.#mix(this.#view, 0);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) {
      this.#mix(view, at);
    }
    this.#block.set(bytes.subarray(at));
    this.#filled = bytes.length - at;
    return this;
  }

  /** The hash of all that was added; nothing may be added afterwards. */
  finish() {
    const bits = this.#length * 8;
    this.#block.fill(0, this.#filled);
    this.#block[this.#filled] = 0x80;
    if (this.#filled >= BLOCK_BYTES - 8) {
      this.#mix(this.#view, 0);
      this.#block.fill(0);
    }
    this.#view.setUint32(BLOCK_BYTES - 8, Math.floor(bits / 2 ** 32));
    this.#view.setUint32(BLOCK_BYTES - 4, bits % 2 ** 32);
    this.#mix(this.#view, 0);
    const hash = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, index) => hash.setInt32(4 * index, word));
    return new Uint8Array(hash.buffer);
  }

  #mix(view, at) {
    const words = this.#words;
    for (let round = 0; round < 16; round++) {
      words[round] = view.getInt32(at + 4 * round);
    }
    for (let round = 16; round < ROUNDS; round++) {
      const early = words[round - 15];
      const late = words[round - 2];
      const low = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
      const high = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
      words[round] = (words[round - 16] + low + words[round - 7] + high) | 0;
    }
    const state = this.#state;
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let round = 0; round < ROUNDS; round++) {
      const mixedE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + mixedE + ((e & f) ^ (~e & g)) + K[round] + words[round]) | 0;
      const mixedA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (mixedA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
    this.#filled = 0;
  }
}
