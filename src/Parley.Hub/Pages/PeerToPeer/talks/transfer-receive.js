// Takes what one session brings, on as many paths as it takes. A piece is verified before it is kept, a file is offered when its root is.
import { PathBroken, PeerError } from '../errors.js';
import { abortable, broken, sleep, together } from './frames.js';
import { Intake, Partials } from './transfer-intake.js';
import { PATIENCE, Progress, TransferTalk, overTransferPaths } from './transfer-talk.js';
import { EntryKind, Kind, MAX_CHUNK_BYTES, ManifestReader, ackFrame, hello, planFrames, refusalFrame, resultFrame } from './transfer-wire.js';

const ACK_MS = 100;

// A browser takes whatever arrives into its memory: no more than this is on its way to it that was not written.
const WINDOW_BYTES = 16 << 20;

/** Takes one offer, and says what came of it. */
export class TransferReceiver {
  #session;
  #store;
  #decide;
  #progress;
  #patience;
  #partials;
  #intake;

  /**
   * @param {PeerSession} session The session; its end is the caller's.
   * @param {object} store Where files go: `room()` and `open(entry)`, as transfer-store.js has them.
   * @param {(offer: Manifest, signal: AbortSignal) => Promise<boolean>} decide Asks whether it is taken; names are the sender's words.
   * @param {Progress} progress Told how far it is.
   * @param {Partials} partials What earlier tries left.
   */
  constructor(session, store, decide, progress = new Progress(), partials = new Partials(), patience = PATIENCE) {
    [this.#session, this.#store, this.#decide, this.#progress, this.#partials, this.#patience] = [session, store, decide, progress, partials, patience];
  }

  /** Takes everything: the files that came, and what became of the others. */
  async receive(signal) {
    try {
      await overTransferPaths(this.#session, this.#progress, this.#patience, signal, (path) => this.#onPath(path, signal).finally(() => this.#suspend()));
    } catch (error) {
      // The sender has gone with, or without, our last word: everything is here.
      if (!this.#intake?.result) {
        throw error;
      }
    } finally {
      this.#intake?.dispose();
    }
    const { result, manifest, received, failures } = this.#intake;
    const folders = manifest.entries.filter(({ kind }) => kind === EntryKind.FOLDER);
    this.#progress.set({ state: 'done', bytes: this.#intake.position.bytes });
    return { ...result, received, folders, failures: [...failures].map(([entry, error]) => ({ path: manifest.entries[entry].path, error })) };
  }

  async #onPath(path, signal) {
    const talk = new TransferTalk(path, MAX_CHUNK_BYTES, 'sender');
    await talk.run(async (stop) => {
      const { chunkBytes } = await talk.hello(stop);
      const isKnown = this.#intake !== undefined;
      if (isKnown && this.#intake.manifest.chunkBytes !== chunkBytes) {
        throw new PeerError('invalid_argument', 'The receiver takes chunks of the same size on each path.');
      }
      await talk.send(hello(MAX_CHUNK_BYTES, isKnown, WINDOW_BYTES), stop);
      const { early } = isKnown ? { early: null } : await this.#ask(talk, await this.#readManifest(talk, chunkBytes, stop), stop);
      const { runs, kept } = this.#intake.wanted();
      for (const frame of planFrames(runs, kept)) {
        await talk.send(frame, stop);
      }
      await together(stop, (token) => this.#acknowledge(talk, token), (token) => this.#take(talk, early, token));
    }, this.#patience.maxSilence, signal);
  }

  #suspend() {
    this.#intake?.suspend();
    this.#progress.set({ bytes: this.#intake?.position.bytes ?? 0 });
  }

  async #readManifest(talk, chunkBytes, signal) {
    const reader = new ManifestReader(chunkBytes);
    while (!reader.take(await talk.next(signal)));
    return reader.manifest;
  }

  // Meanwhile the sender may say that it stops, and nothing else. What it says after the decision is the first frame of the files.
  async #ask(talk, manifest, signal) {
    const room = await this.#store.room();
    if (manifest.bytes - this.#partials.bytesOf(this.#session.agent, manifest) > room) {
      throw new PeerError('transfer.space', 'The receiver’s browser has no room for the files.');
    }
    this.#progress.set({ totalBytes: manifest.hasStream ? -1 : manifest.bytes, state: 'deciding' });
    let isDecided = false;
    const early = talk.wait(signal, () => isDecided);
    const stops = early.then(() => { throw broken(); }, (error) => (error instanceof PathBroken ? new Promise(() => {}) : Promise.reject(error)));
    stops.catch(() => {});
    const isTaken = await abortable(Promise.race([this.#decide(manifest, signal), stops]), signal);
    isDecided = true;
    if (!isTaken) {
      throw new PeerError('transfer.declined', 'The receiver does not want the files.');
    }
    this.#progress.set({ state: 'running' });
    this.#intake = new Intake(manifest, this.#store, this.#partials, this.#session.agent);
    return { early };
  }

  async #take(talk, early, signal) {
    for (let frame = await (early ?? talk.next(signal)); ; frame = await talk.next(signal)) {
      if (frame.kind === Kind.BYE) {
        if (!this.#intake.result) {
          throw broken();
        }
        return;
      }
      await this.#intake.take(frame);
      if (this.#intake.result) {
        await this.#tellFailures(talk, signal);
        await talk.send(resultFrame(this.#intake.result), signal);
      }
    }
  }

  async #acknowledge(talk, signal) {
    for (let told = 0; ;) {
      await sleep(ACK_MS, signal);
      const { position, manifest } = this.#intake;
      if (position.moves !== told) {
        told = position.moves;
        this.#progress.set({ bytes: position.bytes, entries: position.entry, current: manifest.entries[position.entry].path });
        await talk.send(ackFrame(position), signal);
      }
      await this.#tellFailures(talk, signal);
    }
  }

  async #tellFailures(talk, signal) {
    for (const [entry, error] of this.#intake.untold.splice(0)) {
      await talk.send(refusalFrame(Kind.TARGET_FAILED, error, entry), signal);
    }
  }
}
