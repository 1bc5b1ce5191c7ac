// Stand-ins for what carries the page's bytes: two ends of a session in this process, whose paths break where a test says; and seeded randomness.
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const folder = process.argv[2];

/** Imports a module of the page. */
export const load = (name) => import(pathToFileURL(path.join(folder, name)));

const { PathBroken, PeerError } = await load('errors.js');
const ROOM = 256 << 10;

/** Numbers that a seed repeats (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}

/** A copy of good bytes with one to four changes. */
export function mutate(random, good) {
  const bytes = [...good];
  for (let change = 1 + random.below(4); change > 0 && bytes.length > 0; change--) {
    const at = random.below(bytes.length);
    switch (random.below(4)) {
      case 0: bytes[at] = random.below(256); break;
      case 1: bytes.splice(at, 1); break;
      case 2: bytes.splice(at, 0, bytes[at]); break;
      default: bytes.length = at;
    }
  }
  return Uint8Array.from(bytes);
}

/** A path of given bytes, in pieces of random sizes. */
export function pathOf(bytes, random = seeded(1)) {
  let at = 0;
  return {
    async read() {
      if (at >= bytes.length) {
        return null;
      }
      const piece = bytes.subarray(at, at + 1 + random.below(Math.max(bytes.length / 2, 1)));
      at += piece.length;
      return piece;
    },
    async write() {},
    close() {},
  };
}

/** Two ends of a path that breaks after so many bytes; what passed before arrives. Each write takes `delay` ms. */
export function pathPair(limit = Infinity, delay = 0) {
  const cut = { left: limit, delay };
  const ways = [makeWay(cut), makeWay(cut)];
  cut.now = () => ways.forEach((way) => way.wake());
  const end = (mine, theirs) => ({
    name: 'in memory',
    read: () => mine.read(),
    write: (bytes) => theirs.write(bytes),
    close: () => { theirs.end(); mine.abandon(); },
    breakNow: () => { cut.left = 0; cut.now(); },
  });
  return [end(ways[0], ways[1]), end(ways[1], ways[0])];
}

function makeWay(cut) {
  const pieces = [];
  const waiting = new Set();
  let unread = 0;
  let hasEnded = false;
  let isAbandoned = false;
  const wake = () => { waiting.forEach((resolve) => resolve()); waiting.clear(); };
  const news = () => new Promise((resolve) => waiting.add(resolve));
  return {
    wake,
    end() { hasEnded = true; wake(); },
    abandon() { isAbandoned = true; wake(); },
    async read() {
      for (;;) {
        if (isAbandoned) {
          throw new PathBroken('The path was closed.');
        }
        if (pieces.length > 0) {
          const piece = pieces.shift();
          unread -= piece.length;
          wake();
          return piece;
        }
        if (hasEnded) {
          return null;
        }
        if (cut.left <= 0) {
          throw new PathBroken('The path was cut.');
        }
        await news();
      }
    },
    async write(bytes) {
      if (cut.delay) {
        await new Promise((resolve) => setTimeout(resolve, cut.delay));
      }
      const allowed = Math.min(bytes.length, Math.max(cut.left, 0));
      cut.left -= bytes.length;
      if (allowed > 0) {
        pieces.push(bytes.slice(0, allowed));
        unread += allowed;
        wake();
      }
      if (allowed < bytes.length) {
        cut.now();
        throw new PathBroken('The path was cut.');
      }
      while (unread > ROOM && !isAbandoned && cut.left > 0) {
        await news();
      }
      if (isAbandoned || hasEnded) {
        throw new PathBroken('The path was closed.');
      }
    },
  };
}

/** Two ends of a session; path number n (from 0) breaks after `cut(n)` bytes. */
export function sessionPair(cut = () => Infinity, delay = 0) {
  const state = { paths: 0, waiting: null, isOver: null, open: [] };
  const end = (isOpener, agent) => {
    const session = {
      agent, isOpener, phrase: '12345 '.repeat(8).trim(), trust: 'new', onclose: () => {},
      async nextPath({ signal } = {}) {
        if (state.isOver) {
          throw state.isOver;
        }
        if (state.waiting && state.waiting.isOpener !== isOpener) {
          const pair = pathPair(cut(state.paths++), delay);
          state.open.push(pair);
          state.waiting.resolve(pair[1]);
          state.waiting = null;
          return pair[0];
        }
        return new Promise((resolve, reject) => {
          const stop = () => reject(signal.reason);
          signal?.addEventListener('abort', stop, { once: true });
          state.waiting = { isOpener, resolve: (path) => { signal?.removeEventListener('abort', stop); resolve(path); }, reject };
        });
      },
      async close(error) {
        state.isOver ??= error ?? new PeerError('agent.offline', 'The other end is gone.');
        state.waiting?.reject(state.isOver);
      },
    };
    return session;
  };
  return { opener: end(true, 'tests.receiver'), acceptor: end(false, 'tests.sender'), state };
}

/** Runs tests one after another, each named as it passes, and ends the process with the last word or the first failure. */
export async function run(tests, lastWord) {
  // A timeout of a signal keeps no process alive.
  setInterval(() => {}, 1000);
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok ${name}`);
    } catch (error) {
      console.error(`FAILED ${name}`);
      throw error;
    }
  }
  console.log(lastWord);
  process.exit(0);
}
