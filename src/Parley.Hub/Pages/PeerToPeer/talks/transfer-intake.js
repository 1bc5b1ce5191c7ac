// What came of a transfer so far: frames become files here, and what is half here is known, for the next path and the next try.
import { areEqual, toHex, utf8 } from '../bytes.js';
import { PeerError } from '../errors.js';
import { broken } from './frames.js';
import { Sha256 } from './sha256.js';
import { Action, EntryKind, Kind, Mode, readChunk, readFileEnd, readRefusal } from './transfer-wire.js';

const Status = { PENDING: 0, DONE: 1, FAILED: 2 };

/** What earlier tries of this page left half done, by what the other end offers: the same content from the same sender goes on. */
export class Partials {
  #open = new Map();

  static keyOf(sender, { path, size, modified, stamp }, chunkBytes) {
    return JSON.stringify([sender, path, size, String(modified), String(stamp), chunkBytes]);
  }

  has(key) {
    return this.#open.has(key);
  }

  /** Bytes of what is offered that are here from earlier tries. */
  bytesOf(sender, { entries, chunkBytes }) {
    return entries.reduce((sum, entry) => sum + (this.#open.get(Partials.keyOf(sender, entry, chunkBytes))?.size ?? 0), 0);
  }

  /** Gives one out, to one transfer. */
  take(key) {
    const open = this.#open.get(key);
    this.#open.delete(key);
    return open;
  }

  keep(key, open) {
    this.#open.set(key, open);
  }
}

/** Turns frames into files, one frame at a time, and knows at each moment what is here, for the plan of the next path. */
export class Intake {
  result = null;
  failures = new Map();
  untold = [];
  received = [];
  position = { entry: 0, chunks: 0, bytes: 0, moves: 0 };
  #store;
  #partials;
  #sender;
  #status;
  #resumed = new Map();
  #open = null;
  #next = 0;
  #list = new Sha256();
  #only = null;
  #hasUnknown = false;

  constructor(manifest, store, partials, sender) {
    this.manifest = manifest;
    [this.#store, this.#partials, this.#sender] = [store, partials, sender];
    this.#status = new Uint8Array(manifest.entries.length);
    manifest.entries.forEach((entry, number) => {
      const open = entry.kind === EntryKind.FILE && entry.size > manifest.chunkBytes ? partials.take(this.#keyOf(entry)) : undefined;
      if (open) {
        this.#resumed.set(number, open);
        this.position.bytes += open.size;
      }
    });
  }

  /** What the next path should bring: runs of entries that are not taken whole, and the hashes of what is half here. */
  wanted() {
    const [runs, kept] = [[], []];
    this.manifest.entries.forEach((_, entry) => {
      const open = this.#resumed.get(entry);
      if (open) {
        runs.push({ first: entry, count: 1, action: Action.RESUME, chunks: open.hashes.length });
        kept.push({ entry, hashes: open.hashes });
      } else if (this.#status[entry] !== Status.PENDING) {
        const last = runs.at(-1);
        if (last?.action === Action.SKIP && last.first + last.count === entry) {
          last.count++;
        } else {
          runs.push({ first: entry, count: 1, action: Action.SKIP, chunks: 0 });
        }
      }
    });
    return { runs, kept };
  }

  /** Takes the next frame. */
  async take({ kind, content }) {
    switch (kind) {
      case Kind.WHOLE:
        return this.#takeWhole(await readChunk(content));
      case Kind.CHUNK:
        return this.#takeChunk(await readChunk(content));
      case Kind.FILE_END:
        return this.#endFile(readFileEnd(content));
      case Kind.SOURCE_FAILED: {
        const { entry, error } = readRefusal(content, true);
        return this.#giveUp(this.#expect(entry), error, true);
      }
      case Kind.END:
        return this.#end();
      default:
        // Nothing here was offered for comparison, so nothing is the same.
        throw broken();
    }
  }

  /** The path broke: what is half here stays, and is known. */
  suspend() {
    if (this.#open) {
      if (this.#open.hashes.length > 0) {
        this.#resumed.set(this.#open.entry, this.#open);
      } else {
        this.#open.file.discard();
      }
      this.#open = null;
    }
    this.#next = 0;
  }

  /** The transfer is over: what is half here waits for another one. */
  dispose() {
    this.suspend();
    for (const [entry, open] of this.#resumed) {
      const offered = this.manifest.entries[entry];
      if (offered.kind === EntryKind.FILE) {
        this.#partials.keep(this.#keyOf(offered), open);
      } else {
        open.file.discard();
      }
    }
    this.#resumed.clear();
  }

  #keyOf(entry) {
    return Partials.keyOf(this.#sender, entry, this.manifest.chunkBytes);
  }

  // Entries come in their order, and only those that were asked for.
  #expect(number) {
    const entry = this.manifest.entries[number];
    if (!entry || number < this.#next || entry.kind === EntryKind.FOLDER || this.#status[number] === Status.DONE || (this.#open && this.#open.entry !== number)) {
      throw broken();
    }
    this.#next = number;
    return number;
  }

  async #takeWhole({ entry, bytes, hash }) {
    const number = this.#expect(entry);
    const offered = this.manifest.entries[number];
    if (this.#status[number] !== Status.PENDING || this.#open || this.#resumed.has(number) || offered.kind !== EntryKind.FILE || bytes.length !== offered.size) {
      throw broken();
    }
    this.#next = number + 1;
    await this.#guard(number, async () => {
      const file = await this.#store.open(offered);
      await file.write(bytes);
      await this.#finish(number, file, offered.size, hash);
    });
  }

  async #takeChunk({ entry, chunk, bytes, hash }) {
    const number = this.#expect(entry);
    if (this.#status[number] === Status.FAILED) {
      return;
    }
    await this.#guard(number, async () => {
      const open = this.#open ??= await this.#start(number);
      this.#checkPlace(open, chunk, bytes.length);
      await open.file.write(bytes);
      open.sha?.add(bytes);
      open.hashes.push(hash);
      open.size += bytes.length;
      open.hasEnded = bytes.length < this.manifest.chunkBytes;
      this.#move(number, bytes.length, open.hashes.length);
    });
  }

  async #start(number) {
    const resumed = this.#resumed.get(number);
    this.#resumed.delete(number);
    const wantsHash = (this.manifest.mode & Mode.NO_FILE_HASH) === 0;
    return resumed
      ? Object.assign(resumed, { entry: number })
      : { entry: number, file: await this.#store.open(this.manifest.entries[number]), sha: wantsHash ? new Sha256() : null, hashes: [], size: 0, hasEnded: false };
  }

  #checkPlace(open, chunk, length) {
    const { chunkBytes, entries } = this.manifest;
    const { kind, size } = entries[open.entry];
    const isRight = kind === EntryKind.FILE ? length === Math.min(size - chunk * chunkBytes, chunkBytes) : length <= chunkBytes;
    if (chunk !== open.hashes.length || open.hasEnded || length === 0 || !isRight) {
      throw broken();
    }
  }

  async #endFile({ entry, chunks, size, root }) {
    const number = this.#expect(entry);
    this.#next = number + 1;
    if (this.#status[number] === Status.FAILED) {
      return;
    }
    await this.#guard(number, async () => {
      const offered = this.manifest.entries[number];
      const open = this.#open ??= await this.#start(number);
      if (chunks !== open.hashes.length || size !== open.size || (offered.kind === EntryKind.FILE && size !== offered.size)) {
        throw broken();
      }
      const whole = new Sha256();
      open.hashes.forEach((hash) => whole.add(hash));
      if (!areEqual(whole.finish(), root)) {
        throw new PeerError('integrity.failed', 'The file is not made of the pieces that were sent.');
      }
      this.#open = null;
      await this.#finish(number, open.file, size, open.sha?.finish() ?? null, true);
    });
  }

  async #finish(number, file, size, hash, isCounted = false) {
    const { path, modified } = this.manifest.entries[number];
    this.received.push({ path, size, modified, hash, ...await file.finish() });
    this.#status[number] = Status.DONE;
    this.#only = hash;
    this.#hasUnknown ||= hash === null;
    if (hash) {
      this.#list.add(utf8(`${toHex(hash)}  ${path}\n`));
    }
    this.#move(number, isCounted ? 0 : size, 0);
  }

  // What the browser's disk says of one file ends that file; a full one ends all.
  async #guard(number, action) {
    try {
      await action();
    } catch (error) {
      if (error.code !== 'transfer.file') {
        throw error;
      }
      this.#giveUp(number, error, false);
    }
  }

  #giveUp(number, error, isTold) {
    const offered = this.manifest.entries[number];
    const open = this.#open ?? this.#resumed.get(number);
    this.#open = null;
    this.#resumed.delete(number);
    open?.file.discard();
    if (this.#status[number] === Status.PENDING) {
      this.#status[number] = Status.FAILED;
      this.failures.set(number, error);
      if (!isTold) {
        this.untold.push([number, error]);
      }
      this.#move(number, Math.max(offered.size - (open?.size ?? 0), 0), 0);
    }
  }

  #end() {
    if (this.#open) {
      throw broken();
    }
    if (this.result) {
      // Its sender did not hear it on the last path.
      return;
    }
    this.manifest.entries.forEach(({ kind }, entry) => {
      if (this.#status[entry] === Status.PENDING && kind !== EntryKind.FOLDER) {
        this.#giveUp(entry, new PeerError('protocol.violation', 'The sender left it out.'), false);
      }
    });
    const files = this.received.length;
    const hash = files === 0 || this.#hasUnknown ? null : files === 1 ? this.#only : this.#list.finish();
    this.result = { files, bytes: this.received.reduce((sum, { size }) => sum + size, 0), unchanged: 0, failed: this.failures.size, hash };
  }

  #move(entry, bytes, chunks) {
    this.position = { entry, chunks, bytes: this.position.bytes + bytes, moves: this.position.moves + 1 };
  }
}
