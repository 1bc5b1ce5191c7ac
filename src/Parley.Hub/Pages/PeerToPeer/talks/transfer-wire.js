// What the two ends of a transfer say, field by field; docs/protocol/transfer.md has the layouts. Nothing here waits or keeps a file.
import { areEqual } from '../bytes.js';
import { Fields, FrameBuilder, broken } from './frames.js';
import { PeerError } from '../errors.js';
import { Sha256 } from './sha256.js';
import { PathTable } from './transfer-names.js';

/** The version of the protocol that this page speaks. */
export const VERSION = 1;

/** Kinds of frames. */
export const Kind = {
  HELLO: 0x01, BEGIN: 0x02, ENTRIES: 0x03, MANIFEST_END: 0x04,
  PLAN: 0x10, HASHES: 0x11, PLAN_END: 0x12,
  CHUNK: 0x20, WHOLE: 0x21, SAME: 0x22, FILE_END: 0x23, SOURCE_FAILED: 0x24, END: 0x25,
  ACK: 0x30, TARGET_FAILED: 0x31, RESULT: 0x32,
  ALIVE: 0x40, ERROR: 0x41, STOP: 0x42, BYE: 0x43,
};

/** What an entry of a manifest is. */
export const EntryKind = { FILE: 0, FOLDER: 1, STREAM: 2 };

/** What the receiver wants of an entry. */
export const Action = { TAKE: 0, SKIP: 1, RESUME: 2, COMPARE: 3 };

/** What a sender may ask for beyond its files. */
export const Mode = { SYNC: 1, DELETE: 2, CHECKSUM: 4, NO_FILE_HASH: 8 };

export const HASH_BYTES = 32;
export const MAX_CHUNK_BYTES = 4 << 20;
const MIN_CHUNK_BYTES = 4 << 10;
const CHUNK_PREFIX = 8 + HASH_BYTES;
const PAGE_BYTES = 32 << 10;
const MAX_PAGE_BYTES = 128 << 10;
const MAX_PATH_BYTES = 4096;
const MAX_PATTERNS = 1000;
const MAX_PATTERN_BYTES = 1024;
const HASHES_IN_FRAME = 1024;
const RUNS_IN_FRAME = 1000;

/** How much a page takes of what another end says; more than a browser holds is for `parley` itself. */
export const LIMITS = { entries: 100_000, pathsLength: 16 << 20, chunks: 16 << 20 };

/** The longest content where chunks have that size. */
export const maxContent = (chunkBytes) => Math.max(chunkBytes, MAX_PAGE_BYTES) + CHUNK_PREFIX;

/** How many chunks a size makes. */
export const chunksOf = (size, chunkBytes) => Math.ceil(size / chunkBytes);

/** A frame without content. */
export const bare = (kind) => new FrameBuilder(kind).toFrame();

/** The first frame of each end: the sender's size of chunks, or the largest that the receiver takes, whether it has the manifest, and how many bytes of files may be on their way to it unacknowledged. */
export function hello(chunkBytes, hasManifest, window = 0) {
  const frame = new FrameBuilder(Kind.HELLO).short(VERSION).short(VERSION).int(chunkBytes).byte(hasManifest ? 1 : 0);
  return (window > 0 ? frame.int(window) : frame).toFrame();
}

/** Reads a hello; fields that a later version adds are skipped. */
export function readHello(content) {
  const fields = new Fields(content);
  const [lowest, highest, chunkBytes, hasManifest] = [fields.short(), fields.short(), fields.int(), fields.byte() !== 0];
  if (lowest > VERSION || highest < VERSION) {
    throw new PeerError('protocol.version', 'The two ends have no version of transfers in common.');
  }
  if (chunkBytes < MIN_CHUNK_BYTES || chunkBytes > MAX_CHUNK_BYTES || chunkBytes % MIN_CHUNK_BYTES !== 0) {
    throw broken();
  }
  return { chunkBytes, hasManifest };
}

/** All that a transfer offers, in the order in which it is sent; every entry is checked when it is added. */
export class Manifest {
  entries = [];
  mode = 0;
  bytes = 0;
  files = 0;
  hasStream = false;
  #paths = new PathTable();
  #pathsLength = 0;

  constructor(chunkBytes) {
    this.chunkBytes = chunkBytes;
  }

  /** Adds an entry: path, kind, size, modified (ns since 1970, BigInt), stamp (BigInt), isExecutable. */
  add(entry) {
    const number = this.entries.length;
    this.#pathsLength += entry.path.length;
    if (number >= LIMITS.entries || this.#pathsLength > LIMITS.pathsLength) {
      throw new PeerError('message.too_large', `A browser takes at most ${LIMITS.entries.toLocaleString('en')} files and folders at once: use parley p2p recv.`);
    }
    if (this.bytes + entry.size > Number.MAX_SAFE_INTEGER || (entry.kind !== EntryKind.FILE && entry.size !== 0) || chunksOf(entry.size, this.chunkBytes) > LIMITS.chunks) {
      throw new PeerError('message.too_large', `The size of entry ${number} is more than a transfer takes.`);
    }
    this.#paths.add(entry.path, entry.kind === EntryKind.FOLDER, number);
    this.entries.push(entry);
    this.bytes += entry.size;
    this.files += entry.kind === EntryKind.FOLDER ? 0 : 1;
    this.hasStream ||= entry.kind === EntryKind.STREAM;
  }

  /** Its frames. */
  *toFrames() {
    const hash = new Sha256();
    const begin = new FrameBuilder(Kind.BEGIN).int(this.mode).short(0);
    hash.add(begin.content);
    yield begin.toFrame();
    let page = new FrameBuilder(Kind.ENTRIES);
    for (const { path, kind, size, modified, stamp, isExecutable } of this.entries) {
      page.byte(kind).byte(isExecutable ? 1 : 0).text(path).long(size).long(modified).long(stamp);
      if (page.length >= PAGE_BYTES) {
        hash.add(page.content);
        yield page.toFrame();
        page = new FrameBuilder(Kind.ENTRIES);
      }
    }
    hash.add(page.content);
    yield page.toFrame();
    yield new FrameBuilder(Kind.MANIFEST_END).int(this.entries.length).bytes(hash.finish()).toFrame();
  }
}

/** Takes the frames of a manifest as they come. */
export class ManifestReader {
  #hash = new Sha256();

  constructor(chunkBytes) {
    this.manifest = new Manifest(chunkBytes);
  }

  /** Takes the next frame; true when it was the last one. */
  take({ kind, content }) {
    const fields = new Fields(content);
    if (kind === Kind.MANIFEST_END) {
      const isWhole = fields.int() === this.manifest.entries.length && areEqual(fields.bytes(HASH_BYTES), this.#hash.finish());
      fields.end();
      if (!isWhole) {
        throw new PeerError('integrity.failed', 'The list of files is not the one that was sent.');
      }
      return true;
    }
    this.#hash.add(content);
    if (kind === Kind.BEGIN) {
      this.#begin(fields);
    } else if (kind === Kind.ENTRIES) {
      while (fields.left > 0) {
        this.manifest.add(readEntry(fields));
      }
    } else {
      throw broken();
    }
    return false;
  }

  // Patterns say what is not to be deleted at the other end; a page deletes nothing.
  #begin(fields) {
    this.manifest.mode = fields.int();
    const patterns = fields.short();
    if (patterns > MAX_PATTERNS) {
      throw broken();
    }
    for (let index = 0; index < patterns; index++) {
      fields.text(MAX_PATTERN_BYTES);
    }
    fields.end();
  }
}

function readEntry(fields) {
  const [kind, flags] = [fields.byte(), fields.byte()];
  if (kind > EntryKind.STREAM) {
    throw broken();
  }
  const path = fields.text(MAX_PATH_BYTES);
  return { path, kind, size: fields.size(), modified: fields.long(), stamp: BigInt.asUintN(64, fields.long()), isExecutable: (flags & 1) !== 0 };
}

/** What the receiver wants, as the sender keeps it. */
export class SendPlan {
  /** Bytes that need not travel, by the receiver's word. */
  bytesThere = 0;
  #actions;
  #lists = new Map();
  #failed = new Set();
  #next = 0;
  #manifest;

  constructor(manifest) {
    this.#manifest = manifest;
    this.#actions = new Uint8Array(manifest.entries.length);
  }

  actionOf(entry) {
    return this.#actions[entry];
  }

  /** Takes a frame of the plan. */
  take(content) {
    const fields = new Fields(content);
    while (fields.left > 0) {
      const [first, count, action, chunks] = [fields.int(), fields.int(), fields.byte(), fields.int()];
      if (first < this.#next || first + count > this.#actions.length || action > Action.COMPARE) {
        throw broken();
      }
      this.#next = first + count;
      this.#actions.fill(action, first, first + count);
      if (action === Action.SKIP || action === Action.RESUME) {
        const { entries, chunkBytes } = this.#manifest;
        this.bytesThere += entries.slice(first, first + count).reduce((sum, { size }) => sum + (action === Action.SKIP ? size : Math.min(size, chunks * chunkBytes)), 0);
      }
    }
  }

  /** Takes a frame of hashes. */
  takeHashes(content) {
    const fields = new Fields(content);
    const [entry, first, total] = [fields.int(), fields.int(), fields.int()];
    const known = this.#manifest.entries[entry];
    const wants = this.#actions[entry] === Action.RESUME || this.#actions[entry] === Action.COMPARE;
    if (!known || !wants || total > chunksOf(known.size, this.#manifest.chunkBytes) || fields.left % HASH_BYTES !== 0) {
      throw broken();
    }
    const list = this.#listOf(entry);
    if (list.isComplete || first !== list.hashes.length || first + fields.left / HASH_BYTES > total) {
      throw broken();
    }
    while (fields.left > 0) {
      list.hashes.push(fields.bytes(HASH_BYTES).slice());
    }
    if (list.hashes.length === total) {
      list.isComplete = true;
      list.resolve(list.hashes);
    }
  }

  /** The receiver's hashes of an entry, once they are all here. */
  hashesOf(entry) {
    return this.#listOf(entry).done;
  }

  /** The receiver gives an entry up. */
  fail(entry) {
    this.#failed.add(entry);
  }

  hasFailed(entry) {
    return this.#failed.has(entry);
  }

  #listOf(entry) {
    let list = this.#lists.get(entry);
    if (!list) {
      list = { hashes: [], isComplete: false };
      list.done = new Promise((resolve) => { list.resolve = resolve; });
      this.#lists.set(entry, list);
    }
    return list;
  }
}

/** The receiver's plan as frames: runs of entries that are not taken whole, and hashes of what is half here. */
export function* planFrames(runs, kept) {
  for (let start = 0; start < runs.length; start += RUNS_IN_FRAME) {
    const frame = new FrameBuilder(Kind.PLAN);
    for (const { first, count, action, chunks } of runs.slice(start, start + RUNS_IN_FRAME)) {
      frame.int(first).int(count).byte(action).int(chunks);
    }
    yield frame.toFrame();
  }
  for (const { entry, hashes } of kept) {
    for (let first = 0; first < hashes.length; first += HASHES_IN_FRAME) {
      const frame = new FrameBuilder(Kind.HASHES).int(entry).int(first).int(hashes.length);
      hashes.slice(first, first + HASHES_IN_FRAME).forEach((hash) => frame.bytes(hash));
      yield frame.toFrame();
    }
  }
  yield bare(Kind.PLAN_END);
}

/** A chunk, or a file that is one: its hash is computed here. */
export async function chunkFrame(kind, entry, chunk, bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { hash, frame: new FrameBuilder(kind).int(entry).int(chunk).bytes(hash).bytes(bytes).toFrame() };
}

/** Reads a chunk, and refuses it unless its bytes are what its hash says. */
export async function readChunk(content) {
  const fields = new Fields(content);
  const chunk = { entry: fields.int(), chunk: fields.int(), hash: fields.bytes(HASH_BYTES).slice(), bytes: fields.rest() };
  if (!areEqual(new Uint8Array(await crypto.subtle.digest('SHA-256', chunk.bytes)), chunk.hash)) {
    throw new PeerError('integrity.failed', 'A piece of a file is not what its hash says.');
  }
  return chunk;
}

export const sameFrame = (entry, first, count) => new FrameBuilder(Kind.SAME).int(entry).int(first).int(count).toFrame();

export const fileEndFrame = ({ entry, chunks, size, root }) => new FrameBuilder(Kind.FILE_END).int(entry).int(chunks).long(size).bytes(root).toFrame();

export function readFileEnd(content) {
  const fields = new Fields(content);
  const end = { entry: fields.int(), chunks: fields.int(), size: fields.size(), root: fields.bytes(HASH_BYTES) };
  fields.end();
  return end;
}

export const ackFrame = ({ entry, chunks, bytes }) => new FrameBuilder(Kind.ACK).int(entry).int(chunks).long(bytes).toFrame();

export function readAck(content) {
  const fields = new Fields(content);
  return { entry: fields.int(), chunks: fields.int(), bytes: fields.size() };
}

/** A refusal: of one entry, or without a number of the transfer. */
export function refusalFrame(kind, error, entry) {
  const frame = new FrameBuilder(kind);
  if (entry !== undefined) {
    frame.int(entry);
  }
  return frame.text(error.code).text(error.message.slice(0, 300)).toFrame();
}

/** Reads a refusal, whose sentence is the other end's. */
export function readRefusal(content, isOfEntry) {
  const fields = new Fields(content);
  const entry = isOfEntry ? fields.int() : -1;
  return { entry, error: new PeerError(fields.text(100), fields.text(1000)) };
}

export function resultFrame({ files, bytes, unchanged, failed, hash }) {
  const frame = new FrameBuilder(Kind.RESULT).int(files).long(bytes).int(unchanged).int(failed).int(0).byte(hash ? 1 : 0);
  return (hash ? frame.bytes(hash) : frame).toFrame();
}

export function readResult(content) {
  const fields = new Fields(content);
  const result = { files: fields.int(), bytes: fields.size(), unchanged: fields.int(), failed: fields.int(), deleted: fields.int() };
  return { ...result, hash: fields.byte() === 0 ? null : fields.bytes(HASH_BYTES).slice() };
}
