// Where received files go until their user saves them: the origin-private file system, so that memory holds none of them; where a browser has no such thing, memory.
import { PeerError } from '../errors.js';
import { utf8 } from '../bytes.js';

const PREFIX = 'parley-received-';
const SPARE_BYTES = 16 << 20;
const MEMORY_BYTES = 1 << 30;
const SMALL_BYTES = 64 << 10;
const SMALL_TOTAL = 64 << 20;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return crc;
});

function crcOf(crc, bytes) {
  let value = ~crc;
  for (let index = 0; index < bytes.length; index++) {
    value = CRC_TABLE[(value ^ bytes[index]) & 0xff] ^ (value >>> 8);
  }
  return ~value;
}

/** Files that came, kept for as long as the page is open. */
export class FileStore {
  #folder;
  #number = 0;
  #small = 0;
  #memory = 0;

  constructor(folder = null) {
    this.#folder = folder;
  }

  /** The best that this browser has. Removes what pages that are closed left behind. */
  static async open() {
    const canWrite = typeof FileSystemFileHandle !== 'undefined' && 'createWritable' in FileSystemFileHandle.prototype;
    if (!canWrite || !navigator.locks) {
      return new FileStore();
    }
    try {
      const root = await navigator.storage.getDirectory();
      await clean(root);
      const name = PREFIX + crypto.randomUUID();
      // Held until the page is gone, whatever ends it.
      navigator.locks.request(name, () => new Promise(() => {}));
      return new FileStore(await root.getDirectoryHandle(name, { create: true }));
    } catch {
      // A private window may have none.
      return new FileStore();
    }
  }

  /** Bytes that it can take. */
  async room() {
    if (!this.#folder) {
      return MEMORY_BYTES - this.#memory;
    }
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return Math.max(quota - usage - SPARE_BYTES, 0);
  }

  /** A place for one file: `write(bytes)`, `finish()`, `discard()`. */
  async open({ size }) {
    if (this.#folder && (size === 0 || size > SMALL_BYTES || this.#small > SMALL_TOTAL)) {
      return guarded(async () => DiskFile.make(this.#folder, `${++this.#number}`));
    }
    this.#small += size;
    return new MemoryFile((bytes) => {
      this.#memory += bytes;
      if (this.#memory > MEMORY_BYTES) {
        throw new PeerError('transfer.space', 'The receiver’s browser has no room for the files.');
      }
    });
  }
}

async function clean(root) {
  for await (const name of root.keys()) {
    if (name.startsWith(PREFIX)) {
      await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock) {
          await root.removeEntry(name, { recursive: true });
        }
      });
    }
  }
}

async function guarded(action) {
  try {
    return await action();
  } catch (error) {
    throw error.name === 'QuotaExceededError'
      ? new PeerError('transfer.space', 'The receiver’s browser has no room for the files.')
      : new PeerError('transfer.file', 'The receiver’s browser cannot write the file.');
  }
}

class MemoryFile {
  #parts = [];
  #crc = 0;
  #count;

  constructor(count) {
    this.#count = count;
  }

  async write(bytes) {
    this.#count(bytes.length);
    this.#crc = crcOf(this.#crc, bytes);
    this.#parts.push(new Blob([bytes]));
  }

  async finish() {
    return { blob: new Blob(this.#parts), crc: this.#crc };
  }

  async discard() {
    this.#parts = [];
  }
}

class DiskFile {
  #folder;
  #name;
  #handle;
  #writer;
  #crc = 0;

  static async make(folder, name) {
    const file = new DiskFile();
    [file.#folder, file.#name] = [folder, name];
    file.#handle = await folder.getFileHandle(name, { create: true });
    file.#writer = await file.#handle.createWritable();
    return file;
  }

  async write(bytes) {
    this.#crc = crcOf(this.#crc, bytes);
    await guarded(() => this.#writer.write(bytes));
  }

  async finish() {
    await guarded(() => this.#writer.close());
    return { blob: await guarded(() => this.#handle.getFile()), crc: this.#crc };
  }

  async discard() {
    try {
      await this.#writer.abort();
      await this.#folder.removeEntry(this.#name);
    } catch {
      // The page's folder goes when the page does.
    }
  }
}

/**
 * One archive of several files (ZIP, stored; ZIP64 where numbers need it), made of the files where they lie: nothing is copied.
 * @param {{ path: string, size: number, modified: bigint, blob: Blob, crc: number }[]} files
 * @param {{ path: string, modified: bigint }[]} folders
 */
export function zipOf(files, folders) {
  const parts = [];
  const directory = [];
  let offset = 0;
  const add = (part, length) => {
    parts.push(part);
    offset += length;
  };
  const entries = [...folders.map((folder) => ({ ...folder, path: `${folder.path}/`, size: 0, crc: 0 })), ...files];
  for (const { path, size, modified, blob, crc } of entries) {
    const start = offset;
    const local = record(path, size, modified, crc, null);
    add(local, local.length);
    if (blob) {
      add(blob, size);
    }
    directory.push(record(path, size, modified, crc, start));
  }
  const start = offset;
  directory.forEach((one) => add(one, one.length));
  parts.push(...endRecords(entries.length, start, offset - start));
  return new Blob(parts, { type: 'application/zip' });
}

const LARGE = 0xffffffff;

// The header in front of a file, or, with where that lies, its line in the directory at the end (APPNOTE 4.3.7, 4.3.12, 4.5.3). Numbers are little endian.
function record(path, size, modified, crc, start) {
  const name = utf8(path);
  const isLine = start !== null;
  const isLarge = size >= LARGE || (isLine && start >= LARGE);
  const extra = isLarge ? new LittleEndian().short(1).short(isLine ? 24 : 16).long(size).long(size) : new LittleEndian();
  if (isLarge && isLine) {
    extra.long(start);
  }
  const header = new LittleEndian().int(isLine ? 0x02014b50 : 0x04034b50);
  if (isLine) {
    header.short(0x031e);
  }
  header.short(isLarge ? 45 : 20).short(0x0800).short(0).int(dosTime(modified)).int(crc).int(isLarge ? LARGE : size).int(isLarge ? LARGE : size)
    .short(name.length).short(extra.length);
  if (isLine) {
    // No comment, disk 0; a Unix mode for readers that want one: a folder or a plain file.
    header.short(0).short(0).short(0).int((path.endsWith('/') ? 0o40755 : 0o100644) * 2 ** 16).int(isLarge ? LARGE : start);
  }
  return header.bytes(name).bytes(extra.toBytes()).toBytes();
}

function endRecords(count, start, length) {
  const records = [];
  if (count >= 0xffff || start >= LARGE) {
    records.push(new LittleEndian().int(0x06064b50).long(44).short(45).short(45).int(0).int(0).long(count).long(count).long(length).long(start).toBytes());
    records.push(new LittleEndian().int(0x07064b50).int(0).long(start + length).int(1).toBytes());
  }
  const few = Math.min(count, 0xffff);
  records.push(new LittleEndian().int(0x06054b50).short(0).short(0).short(few).short(few).int(Math.min(length, LARGE)).int(Math.min(start, LARGE)).short(0).toBytes());
  return records;
}

function dosTime(modified) {
  const time = new Date(Math.max(Number(modified / 1_000_000n), Date.UTC(1980, 0, 2)));
  const day = ((Math.min(time.getFullYear(), 2107) - 1980) << 9) | ((time.getMonth() + 1) << 5) | time.getDate();
  return ((day << 16) | (time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1)) >>> 0;
}

class LittleEndian {
  #bytes = [];

  get length() {
    return this.#bytes.length;
  }

  short(value) {
    this.#bytes.push(value & 0xff, (value >>> 8) & 0xff);
    return this;
  }

  int(value) {
    return this.short(value).short(Math.floor(value / 2 ** 16) & 0xffff);
  }

  long(value) {
    return this.int(value % 2 ** 32).int(Math.floor(value / 2 ** 32));
  }

  bytes(value) {
    value.forEach((one) => this.#bytes.push(one));
    return this;
  }

  toBytes() {
    return Uint8Array.from(this.#bytes);
  }
}
