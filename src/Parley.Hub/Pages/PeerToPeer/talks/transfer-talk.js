// What both ends of a transfer do with frames on one path, whatever these say; and how a transfer goes on over several.
import { FrameReader, FrameSink, abortable, broken, overPaths, together, watch } from './frames.js';
import { PathBroken, PeerError } from '../errors.js';
import { Kind, bare, maxContent, readHello, readRefusal, refusalFrame } from './transfer-wire.js';

const FAREWELL_MS = 2000;

/** How patient a transfer is. */
export const PATIENCE = { maxSilence: 20_000, maxIdle: 5, decision: 600_000 };

/** The reason that a user's stop gives to a signal. */
export const stopped = () => new PeerError('canceled', 'You stopped it.');

/** One path of a transfer while it lasts. */
export class TransferTalk {
  #reader;
  #sink;
  #other;
  #isTold = false;
  #isPatient = () => false;

  /**
   * @param {Path} path The path.
   * @param {number} chunkBytes The largest chunk that may come.
   * @param {string} other The other end, for sentences.
   */
  constructor(path, chunkBytes, other) {
    this.#reader = new FrameReader(path, maxContent(chunkBytes));
    this.#sink = new FrameSink(path);
    this.#other = other;
  }

  /** Sends whole frames; resolves when there is room for more. */
  send(frames, signal) {
    return this.#sink.send(frames, signal);
  }

  /** The next frame that says something. */
  async next(signal) {
    for (;;) {
      const frame = await this.#reader.next(signal);
      if (frame.kind === Kind.ERROR) {
        this.#isTold = true;
        throw readRefusal(frame.content, false).error;
      }
      if (frame.kind === Kind.STOP) {
        this.#isTold = true;
        throw new PeerError('canceled', `The ${this.#other} stopped; sent again, it goes on where it was.`);
      }
      if (frame.kind !== Kind.ALIVE) {
        return frame;
      }
    }
  }

  /** The next frame, of an end that may be silent until something holds here. */
  wait(signal, isOver) {
    this.#isPatient = () => !isOver();
    return this.next(signal);
  }

  /** The other end's first frame. */
  async hello(signal) {
    const { kind, content } = await this.next(signal);
    if (kind !== Kind.HELLO) {
      throw broken();
    }
    return readHello(content);
  }

  /** Runs the talk, and says at its end why, where the other end cannot know. */
  async run(talk, maxSilence, signal) {
    const alive = bare(Kind.ALIVE);
    try {
      return await together(signal, (stop) => watch(this.#silence, () => this.#sink.send(alive, stop), maxSilence, stop), talk);
    } catch (error) {
      if (signal.aborted) {
        await this.#leave(bare(Kind.STOP));
      } else if (error instanceof PeerError && !this.#isTold) {
        await this.#leave(refusalFrame(Kind.ERROR, error));
      }
      throw error;
    }
  }

  // A path that breaks while somebody decides is found out afterwards: nobody is asked twice.
  get #silence() {
    const [reader, isPatient] = [this.#reader, () => this.#isPatient()];
    return { get silence() { return isPatient() ? 0 : reader.silence; } };
  }

  async #leave(frame) {
    const patience = AbortSignal.timeout(FAREWELL_MS);
    try {
      await this.#sink.send(frame, patience);
      await abortable(this.#reader.drain(patience), patience);
    } catch {
      // Then the path's end says it.
    }
  }
}

/** Numbers of a transfer for whoever shows it; `onChange` is called after each change. */
export class Progress {
  bytes = 0;
  totalBytes = -1;
  entries = 0;
  current = '';
  path = '';
  state = 'connecting';
  #onChange;

  constructor(onChange = () => {}) {
    this.#onChange = onChange;
  }

  set(changes) {
    Object.assign(this, changes);
    this.#onChange(this);
  }
}

/** Runs a transfer over as many paths as it takes. */
export function overTransferPaths(session, progress, patience, signal, run) {
  const options = {
    signal,
    maxIdle: patience.maxIdle,
    onPath: (path) => progress.set({ path: path.name, state: 'running' }),
    onBroken: () => progress.set({ state: 'connecting' }),
  };
  return overPaths(session, options, () => progress.bytes, (path) => run(path).catch((error) => {
    // What a browser says of a path that is gone is a broken path too.
    throw signal.aborted ? signal.reason : error.name === 'InvalidStateError' ? new PathBroken(error.message) : error;
  }));
}
