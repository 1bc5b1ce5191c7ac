// Sends files and folders over one session, on as many paths as it takes: where one breaks, the next goes on. In memory is what is read ahead, never a file.
import { PeerError } from '../errors.js';
import { Sha256 } from './sha256.js';
import { areEqual } from '../bytes.js';
import { abortable, broken, together } from './frames.js';
import { refusePath } from './transfer-names.js';
import { PATIENCE, Progress, TransferTalk, overTransferPaths } from './transfer-talk.js';
import {
  Action, EntryKind, Kind, Manifest, SendPlan, bare, chunkFrame, chunksOf, fileEndFrame, hello, readAck, readRefusal, readResult, refusalFrame, sameFrame,
} from './transfer-wire.js';

const CHUNK_BYTES = 1 << 20;
const BATCH_BYTES = 256 << 10;
const AHEAD = 16;
const NS_IN_MS = 1_000_000n;

/**
 * What is offered, from what a person picked.
 * @param {{ path: string, file?: File }[]} picked Files, and folders without a `file`, by their paths; parents may be missing.
 * @returns {Promise<{ manifest: Manifest, files: Map<number, File> }>}
 */
export async function offerOf(picked, chunkBytes = CHUNK_BYTES) {
  const manifest = new Manifest(chunkBytes);
  const files = new Map();
  const folders = new Set();
  const add = (path, entry) => {
    const reason = refusePath(path);
    if (reason) {
      throw new PeerError('transfer.path', `“${path}” ${reason}: rename it, or leave it out.`);
    }
    try {
      manifest.add({ path, size: 0, modified: 0n, stamp: 0n, isExecutable: false, ...entry });
    } catch (error) {
      throw error.code === 'transfer.path' ? new PeerError(error.code, `“${path}” has the name of another file that is sent, at least on systems that ignore case: rename it, or leave it out.`) : error;
    }
  };
  const addFolder = (path) => {
    if (path !== '' && !folders.has(path)) {
      addFolder(path.slice(0, Math.max(path.lastIndexOf('/'), 0)));
      folders.add(path);
      add(path, { kind: EntryKind.FOLDER, modified: BigInt(Date.now()) * NS_IN_MS });
    }
  };
  for (const { path: local, file } of picked) {
    const path = local.normalize('NFC');
    addFolder(file ? path.slice(0, Math.max(path.lastIndexOf('/'), 0)) : path);
    if (file) {
      files.set(manifest.entries.length, file);
      add(path, { kind: EntryKind.FILE, size: file.size, modified: BigInt(Math.trunc(file.lastModified)) * NS_IN_MS, stamp: await stampOf(file) });
    }
  }
  return { manifest, files };
}

// A number that changes when the file does. A browser reads nothing from a file that was changed after it was picked.
async function stampOf(file) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${file.size} ${file.lastModified}`));
  return new DataView(hash).getBigUint64(0);
}

/** Sends one offer. */
export class TransferSender {
  #session;
  #manifest;
  #files;
  #progress;
  #patience;
  #failures = new Map();

  /**
   * @param {PeerSession} session The session; its end is the caller's.
   * @param {{ manifest: Manifest, files: Map<number, File> }} offer What is sent.
   * @param {Progress} progress Told how far it is.
   */
  constructor(session, { manifest, files }, progress = new Progress(), patience = PATIENCE) {
    [this.#session, this.#manifest, this.#files, this.#progress, this.#patience] = [session, manifest, files, progress, patience];
  }

  /** Sends everything; the result names what did not arrive. */
  async send(signal) {
    const result = await overTransferPaths(this.#session, this.#progress, this.#patience, signal, (path) => this.#onPath(path, signal));
    this.#progress.set({ state: 'done', entries: this.#manifest.entries.length, bytes: Math.max(this.#progress.bytes, this.#progress.totalBytes) });
    const failures = [...this.#failures].map(([entry, error]) => ({ path: this.#manifest.entries[entry].path, error }));
    return { ...result, failures, failed: Math.max(result.failed, failures.length) };
  }

  async #onPath(path, signal) {
    const talk = new TransferTalk(path, this.#manifest.chunkBytes, 'receiver');
    let result;
    await talk.run(async (stop) => {
      await talk.send(hello(this.#manifest.chunkBytes, false), stop);
      const theirs = await talk.hello(stop);
      if (this.#manifest.chunkBytes > theirs.chunkBytes) {
        throw new PeerError('invalid_argument', `The receiver takes chunks of at most ${theirs.chunkBytes} bytes.`);
      }
      const plan = await this.#offer(talk, theirs.hasManifest, stop);
      await together(stop, async () => {}, (token) => this.#sendAll(talk, plan, token), async (token) => { result = await this.#listen(talk, plan, token); });
    }, this.#patience.maxSilence, signal);
    return result;
  }

  async #offer(talk, hasManifest, signal) {
    if (!hasManifest) {
      for (const frame of this.#manifest.toFrames()) {
        await talk.send(frame, signal);
      }
    }
    this.#progress.set({ totalBytes: this.#manifest.bytes, state: 'deciding' });
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(new PeerError('deadline_exceeded', 'The receiver did not say in time whether it wants the files.')), this.#patience.decision);
    try {
      return await this.#readPlan(talk, AbortSignal.any([signal, patience.signal]));
    } finally {
      clearTimeout(timer);
      this.#progress.set({ state: 'running' });
    }
  }

  async #readPlan(talk, signal) {
    const plan = new SendPlan(this.#manifest);
    for (;;) {
      const { kind, content } = await talk.next(signal);
      switch (kind) {
        case Kind.PLAN:
          plan.take(content);
          break;
        case Kind.HASHES:
          plan.takeHashes(content);
          break;
        case Kind.PLAN_END:
          // On a path that broke before it was acknowledged something may have arrived as well.
          this.#progress.set({ bytes: Math.max(this.#progress.bytes, plan.bytesThere) });
          return plan;
        default:
          throw broken();
      }
    }
  }

  async #listen(talk, plan, signal) {
    for (;;) {
      const { kind, content } = await talk.next(signal);
      switch (kind) {
        case Kind.ACK: {
          const { entry, bytes } = readAck(content);
          this.#progress.set({ bytes, entries: entry, current: this.#entry(entry).path });
          break;
        }
        case Kind.HASHES:
          plan.takeHashes(content);
          break;
        case Kind.TARGET_FAILED: {
          const { entry, error } = readRefusal(content, true);
          this.#fail(entry, error);
          plan.fail(entry);
          break;
        }
        case Kind.RESULT: {
          const result = readResult(content);
          // A courtesy: whoever does not hear it finds the session closed.
          await talk.send(bare(Kind.BYE), signal).catch(() => {});
          return result;
        }
        default:
          throw broken();
      }
    }
  }

  async #sendAll(talk, plan, signal) {
    const out = new Batch(talk, signal);
    const ahead = new ReadAhead(this.#manifest, this.#files, plan);
    for (let entry = 0; entry < this.#manifest.entries.length; entry++) {
      signal.throwIfAborted();
      if (!isWanted(this.#manifest, plan, entry)) {
        continue;
      }
      try {
        if (isWhole(this.#manifest, plan, entry)) {
          await out.add((await ahead.take(entry)).frame);
        } else {
          await this.#sendChunks(out, plan, entry, signal);
        }
      } catch (error) {
        if (!(error instanceof SourceFailure)) {
          throw error;
        }
        this.#fail(entry, error.refusal);
        await out.add(refusalFrame(Kind.SOURCE_FAILED, error.refusal, entry));
      }
    }
    await out.add(bare(Kind.END));
    await out.flush();
  }

  async #sendChunks(out, plan, entry, signal) {
    const { size } = this.#manifest.entries[entry];
    const { chunkBytes } = this.#manifest;
    const action = plan.actionOf(entry);
    let theirs = [];
    if (action !== Action.TAKE) {
      await out.flush();
      theirs = await abortable(plan.hashesOf(entry), signal);
    }
    const root = new Sha256();
    const first = action === Action.RESUME ? theirs.length : 0;
    theirs.slice(0, first).forEach((hash) => root.add(hash));
    const chunks = chunksOf(size, chunkBytes);
    const read = (chunk) => readFrame(this.#files.get(entry), Kind.CHUNK, entry, chunk, chunkBytes);
    let same = 0;
    const flushSame = async (next) => {
      if (same > 0) {
        await out.add(sameFrame(entry, next - same, same));
        same = 0;
      }
    };
    let next = first < chunks ? read(first) : null;
    for (let chunk = first; chunk < chunks; chunk++) {
      if (plan.hasFailed(entry)) {
        await next.catch(() => {});
        return;
      }
      const { hash, frame } = await next;
      next = chunk + 1 < chunks ? read(chunk + 1) : null;
      next?.catch(() => {});
      root.add(hash);
      if (action === Action.COMPARE && chunk < theirs.length && areEqual(theirs[chunk], hash)) {
        same++;
      } else {
        await flushSame(chunk);
        await out.add(frame);
      }
    }
    await flushSame(chunks);
    if (!plan.hasFailed(entry)) {
      await out.add(fileEndFrame({ entry, chunks, size, root: root.finish() }));
    }
  }

  #entry(number) {
    const entry = this.#manifest.entries[number];
    if (!entry) {
      throw broken();
    }
    return entry;
  }

  #fail(number, error) {
    this.#entry(number);
    if (!this.#failures.has(number)) {
      this.#failures.set(number, error);
    }
  }
}

const isWanted = (manifest, plan, entry) => manifest.entries[entry].kind !== EntryKind.FOLDER && plan.actionOf(entry) !== Action.SKIP && !plan.hasFailed(entry);

const isWhole = (manifest, plan, entry) => plan.actionOf(entry) === Action.TAKE && manifest.entries[entry].size <= manifest.chunkBytes;

/** A file that cannot be read, which fails alone. */
class SourceFailure extends Error {
  constructor(refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

async function readFrame(file, kind, entry, chunk, chunkBytes) {
  const start = chunk * chunkBytes;
  const end = Math.min(start + chunkBytes, file.size);
  let bytes;
  try {
    bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
  } catch (error) {
    // Browsers say so of a file that was changed, moved or removed after it was picked.
    throw new SourceFailure(error.name === 'NotReadableError' || error.name === 'NotFoundError'
      ? new PeerError('transfer.changed', 'The file was changed or moved after it was picked.')
      : new PeerError('transfer.file', 'The file cannot be read.'));
  }
  if (bytes.length !== end - start) {
    throw new SourceFailure(new PeerError('transfer.changed', 'The file became shorter while it was sent.'));
  }
  return chunkFrame(kind, entry, chunk, bytes);
}

/** Reads small files before it is their turn, at most so many bytes and files of them. */
class ReadAhead {
  #manifest;
  #files;
  #plan;
  #reading = new Map();
  #next = 0;
  #bytes = 0;

  constructor(manifest, files, plan) {
    [this.#manifest, this.#files, this.#plan] = [manifest, files, plan];
  }

  async take(entry) {
    this.#next = Math.max(this.#next, entry);
    this.#fill(entry);
    const reading = this.#reading.get(entry) ?? this.#start(entry);
    this.#reading.delete(entry);
    this.#bytes -= this.#manifest.entries[entry].size;
    return reading;
  }

  #fill(entry) {
    const { entries, chunkBytes } = this.#manifest;
    for (; this.#next < entries.length && (this.#next === entry || (this.#reading.size < AHEAD && this.#bytes < chunkBytes)); this.#next++) {
      if (isWanted(this.#manifest, this.#plan, this.#next)) {
        if (!isWhole(this.#manifest, this.#plan, this.#next)) {
          return;
        }
        this.#start(this.#next);
      }
    }
  }

  #start(entry) {
    const reading = readFrame(this.#files.get(entry), Kind.WHOLE, entry, 0, this.#manifest.chunkBytes);
    reading.catch(() => {});
    this.#reading.set(entry, reading);
    this.#bytes += this.#manifest.entries[entry].size;
    return reading;
  }
}

/** Puts small frames together, since each write to a path costs. */
class Batch {
  #talk;
  #signal;
  #frames = [];
  #bytes = 0;

  constructor(talk, signal) {
    [this.#talk, this.#signal] = [talk, signal];
  }

  async add(frame) {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes >= BATCH_BYTES) {
      await this.flush();
    }
  }

  async flush() {
    const frames = this.#frames;
    if (frames.length === 0) {
      return;
    }
    const bytes = frames.length === 1 ? frames[0] : new Uint8Array(this.#bytes);
    if (frames.length > 1) {
      let at = 0;
      for (const frame of frames) {
        bytes.set(frame, at);
        at += frame.length;
      }
    }
    [this.#frames, this.#bytes] = [[], 0];
    await this.#talk.send(bytes, this.#signal);
  }
}
