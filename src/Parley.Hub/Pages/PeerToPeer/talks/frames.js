// Frames of transfers and chats: 8 bytes and a content, over a path that may break at any byte.
// kind (1) | 0 (3) | length of the content (4); all numbers are big endian. Kinds and contents: docs/protocol/transfer.md, chat.md.
import { utf8 } from '../bytes.js';
import { PathBroken, PeerError } from '../errors.js';

/** Bytes in front of a content. */
export const HEADER_BYTES = 8;

const EMPTY = new Uint8Array(0);
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The refusal of what breaks a protocol. */
export const broken = (what = 'The other end sent a frame that breaks the protocol.') => new PeerError('protocol.violation', what);

/** Bytes that must be UTF-8 as a text. */
export function textOf(bytes) {
  try {
    return strict.decode(bytes);
  } catch {
    throw broken('A text of the other end is not UTF-8.');
  }
}

/** Reads fields of a content in their order. What is cut short breaks the protocol. */
export class Fields {
  #bytes;
  #view;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get left() {
    return this.#bytes.length - this.#at;
  }

  /** One byte. */
  byte() {
    return this.#view.getUint8(this.#take(1));
  }

  /** Two bytes. */
  short() {
    return this.#view.getUint16(this.#take(2));
  }

  /** Four bytes, at most 2^31 - 1. */
  int() {
    const value = this.#view.getInt32(this.#take(4));
    if (value < 0) {
      throw broken();
    }
    return value;
  }

  /** Eight bytes with a sign, as a BigInt. */
  long() {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** Eight bytes as a number: what is negative breaks the protocol, what is beyond 2^53 - 1 is more than a page counts. */
  size() {
    const value = this.long();
    if (value < 0n) {
      throw broken();
    }
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new PeerError('message.too_large', 'A number of the other end is more than this page can count: use parley on a machine of your own.');
    }
    return Number(value);
  }

  /** That many bytes, in place. */
  bytes(count) {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** What is left. */
  rest() {
    return this.bytes(this.left);
  }

  /** A text behind its length of two bytes. */
  text(maxBytes) {
    const length = this.short();
    if (length > maxBytes) {
      throw broken();
    }
    return textOf(this.bytes(length));
  }

  /** Nothing may be left. */
  end() {
    if (this.left !== 0) {
      throw broken();
    }
  }

  #take(count) {
    if (count > this.left) {
      throw broken();
    }
    const start = this.#at;
    this.#at += count;
    return start;
  }
}

/** Writes a frame field by field. */
export class FrameBuilder {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  #length = HEADER_BYTES;

  constructor(kind) {
    this.#bytes[0] = kind;
  }

  /** Bytes of the content so far. */
  get length() {
    return this.#length - HEADER_BYTES;
  }

  /** The content so far. */
  get content() {
    return this.#bytes.subarray(HEADER_BYTES, this.#length);
  }

  byte(value) {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  short(value) {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
    return this;
  }

  int(value) {
    const at = this.#grow(4);
    this.#view.setInt32(at, value);
    return this;
  }

  /** Eight bytes: a number or a BigInt. */
  long(value) {
    const at = this.#grow(8);
    this.#view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)));
    return this;
  }

  bytes(value) {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** A text behind its length of two bytes. */
  text(value) {
    const bytes = utf8(value);
    return this.short(bytes.length).bytes(bytes);
  }

  /** The frame. */
  toFrame() {
    this.#view.setUint32(4, this.length);
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count) {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}

/** Cuts the bytes of a path into frames. Holds what a path gave at once, and one content. */
export class FrameReader {
  #path;
  #maxContent;
  #piece = EMPTY;
  #waitsSince = 0;

  /**
   * @param {Path} path Where bytes come from.
   * @param {number} maxContent Longest content; a longer one breaks the protocol before anything is kept for it.
   */
  constructor(path, maxContent) {
    this.#path = path;
    this.#maxContent = maxContent;
  }

  /** For how many milliseconds nothing has come while somebody waits for it. */
  get silence() {
    return this.#waitsSince ? performance.now() - this.#waitsSince : 0;
  }

  /** The next frame: kind and content, which is good until the one after it. */
  async next(signal) {
    const header = await this.#take(HEADER_BYTES, signal);
    const length = new DataView(header.buffer, header.byteOffset, HEADER_BYTES).getUint32(4);
    if ((header[1] | header[2] | header[3]) !== 0 || length > this.#maxContent) {
      throw broken('The other end sent something that is no frame.');
    }
    const kind = header[0];
    return { kind, content: await this.#take(length, signal) };
  }

  /** Reads on to nowhere until the path ends: closed with bytes unread, it might take our last word with it. */
  async drain(signal) {
    this.#piece = EMPTY;
    while (await abortable(this.#path.read(), signal)) {
      // On and on.
    }
  }

  async #take(count, signal) {
    if (this.#piece.length >= count) {
      return this.#cut(count);
    }
    const taken = new Uint8Array(count);
    let length = 0;
    while (length < count) {
      if (this.#piece.length === 0) {
        await this.#read(signal);
      }
      const part = this.#cut(Math.min(count - length, this.#piece.length));
      taken.set(part, length);
      length += part.length;
    }
    return taken;
  }

  #cut(count) {
    const part = this.#piece.subarray(0, count);
    this.#piece = this.#piece.subarray(count);
    return part;
  }

  async #read(signal) {
    this.#waitsSince = performance.now() || 1;
    const piece = await abortable(this.#path.read(), signal);
    this.#waitsSince = 0;
    if (piece === null) {
      throw new PathBroken('The path ended.');
    }
    this.#piece = piece;
  }
}

/** Where frames leave: whole, one after the other, from whichever task they come. */
export class FrameSink {
  #path;
  #last = Promise.resolve();

  constructor(path) {
    this.#path = path;
  }

  /** Sends bytes of whole frames; resolves when the path has room again. A frame that was begun is finished, or the path ends. */
  send(frames, signal) {
    const sent = this.#last.then(() => this.#path.write(frames));
    this.#last = sent.catch(() => {});
    return abortable(sent, signal);
  }
}

/** A promise, or the reason of a signal if that comes first. */
export function abortable(promise, signal) {
  if (!signal) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) {
      stop();
    }
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Waits for some milliseconds. */
export function sleep(milliseconds, signal) {
  let timer;
  return abortable(new Promise((resolve) => { timer = setTimeout(resolve, milliseconds); }), signal).finally(() => clearTimeout(timer));
}

/**
 * Runs tasks until all are done; the first to fail ends the others, and its failure is the one that is told.
 * @param {AbortSignal} signal Ends them all.
 * @param {(signal: AbortSignal) => Promise} lasting Ends when the others have.
 * @param {...(signal: AbortSignal) => Promise} tasks Those that count.
 */
export async function together(signal, lasting, ...tasks) {
  const stop = new AbortController();
  const end = () => stop.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) {
    end();
  }
  let failure;
  const start = (task) => Promise.resolve().then(() => task(stop.signal)).catch((error) => {
    failure ??= { error };
    stop.abort(error);
  });
  const background = start(lasting);
  await Promise.all(tasks.map(start));
  const first = failure;
  stop.abort(new PathBroken('It is over.'));
  await background;
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (first) {
    throw first.error;
  }
}

/** Says that we are here, and notices when the other end does not: for as long as a path lasts. */
export async function watch(reader, say, maxSilence, signal) {
  let isSaying = false;
  for (;;) {
    await sleep(maxSilence / 4, signal);
    if (reader.silence > maxSilence) {
      throw new PathBroken('The other end has been silent for too long.');
    }
    // A word that waits for the other end to read must not keep us from noticing that it is gone.
    if (!isSaying) {
      isSaying = true;
      Promise.resolve(say()).catch(() => {}).finally(() => { isSaying = false; });
    }
  }
}

/**
 * Does something on one path after the other, until it is done or nothing comes of it.
 * @param {PeerSession} session Where paths come from.
 * @param {{ signal: AbortSignal, maxIdle: number, onPath: Function, onBroken: Function }} options
 * @param {() => number} progress Grows when something came of a path.
 * @param {(path: Path) => Promise} run What is done; a PathBroken makes for another try.
 */
export async function overPaths(session, { signal, maxIdle = 5, onPath, onBroken }, progress, run) {
  let best = -1;
  for (let idle = 0; ;) {
    const path = await session.nextPath({ signal });
    try {
      signal.throwIfAborted();
      onPath?.(path);
      return await run(path);
    } catch (error) {
      if (!(error instanceof PathBroken)) {
        throw error;
      }
      idle = progress() > best ? 0 : idle + 1;
      best = Math.max(best, progress());
      if (idle >= maxIdle) {
        throw new PeerError('agent.offline', `${idle} paths in a row broke at once.`);
      }
      onBroken?.(error);
    } finally {
      path.close();
    }
  }
}
