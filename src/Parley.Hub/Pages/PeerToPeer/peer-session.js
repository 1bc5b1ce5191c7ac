// One end of a session of two proved agents: seals what is said, and opens one path after another. Signals may be lost with a link and are said again.
//
//   opener                             acceptor
//          <- wanted(after) -----------  its path broke, or it asks for the first one
//          -- offer(attempt, ways) --->  an older attempt, and an older path, end
//          <- answer(attempt, ways) ---
//          <= both try =>
import { PeerError, plainText } from './errors.js';
import { PathAttempt } from './path.js';
import { DIRECT_UDP, PeerNote } from './wire.js';

const REPEAT_MS = 1_000;
const GONE_AFTER_MS = 20_000;
const MAX_NOTE = 31 * 1024;

const superseded = Symbol('superseded');

/** A session, proved. */
export class PeerSession {
  /** Address of the other end. */
  agent;
  /** Eight groups of five digits, the same at both ends. */
  phrase;
  /** How the other end's key is known. */
  trust;
  /** Whether this end asked. */
  isOpener;
  /** The DTLS fingerprint that the other agent signed: 32 bytes, or none. */
  remoteFingerprint;
  /** Told each note of the session's purpose. */
  onnote = () => {};
  /** Told once that it is over: a PeerError, or null when either end closed it in order. */
  onclose = () => {};
  #parts;
  #saying = Promise.resolve();
  #news = [];
  #ended = null;
  #offlineSince = 0;
  #connecting = Promise.resolve();
  #attempt = 0;
  #offered = null;
  #answered = null;
  #running = null;
  #path = null;
  #pathAttempt = 0;

  /** @param {object} parts What it is made of: see Meeting. */
  constructor(parts) {
    this.#parts = parts;
    ({ agent: this.agent, phrase: this.phrase, trust: this.trust, isOpener: this.isOpener, remoteFingerprint: this.remoteFingerprint } = parts);
  }

  /** STUN servers, as browsers take them: for calls, whose connections are their own. */
  get iceServers() {
    return this.#parts.stun().map((urls) => ({ urls }));
  }

  /** Opens the best path that the two find. Both ends call it for each path; the former one is closed. Throws PeerError when the session is over, or no way was found this time ('peer.unreachable'). */
  nextPath({ signal } = {}) {
    const next = this.#connecting.then(async () => {
      this.#path?.close();
      this.#path = null;
      // Who was away while there was a path may be back: it is asked before it counts as gone.
      this.#offlineSince = 0;
      this.#checkAlive(signal);
      return this.isOpener ? this.#offer(signal) : this.#accept(signal);
    });
    this.#connecting = next.catch(() => {});
    return next;
  }

  /** Says something of the session's purpose to the other end; it may get lost with a link. */
  sendNote(bytes) {
    if (bytes.length > MAX_NOTE) {
      throw new RangeError('a note is at most 31 KiB');
    }
    this.#say({ application: bytes });
  }

  /** Ends it, and tells the other end; with an error, why. */
  async close(error) {
    if (this.#ended) {
      return;
    }
    this.#say({ close: { code: error?.code ?? '', message: error?.message ?? '' } });
    this.end(null);
    await this.#saying;
  }

  /** Says the handshake's last message: at once, and again when it was lost. */
  confirm() {
    this.#parts.send({ confirm: this.#parts.confirmation });
  }

  /** Something came from the other end. Ends when it is handled. */
  async take(signal) {
    if (signal.answer && this.isOpener) {
      this.confirm();
    } else if (signal.sealed && !this.#ended) {
      try {
        this.#hear(PeerNote.decode(await this.#parts.seals.other.open(signal.sealed)));
      } catch (error) {
        // Only the hub can put something here: it changed, repeated or reordered what it carries.
        this.end(error instanceof PeerError ? error : new PeerError('protocol.violation', 'The other end said something that is no note.'));
      }
    } else if (signal.gone) {
      // Not sealed, since the keys are gone too: the hub says that it is the other end's, and could end a session anyhow, by carrying nothing.
      this.end(this.#gone());
    }
  }

  /** A signal of this session went nowhere. */
  takeRefusal({ code, message }) {
    if (code === 'agent.offline') {
      this.#offlineSince ||= Date.now();
      // Who only says and hears notes, as a call does, looks at no clock; an open path is a better witness.
      if (this.#isGone && !this.#path?.isOpen) {
        this.end(this.#gone());
      }
    } else if (code !== 'rate_limited' && code !== 'unavailable') {
      this.end(new PeerError(code, plainText(message)));
    }
    this.#wake();
  }

  /** It is over: nothing is said any more. With an error its path is of no use; without one what was written still arrives. */
  end(error) {
    if (this.#finish(error ?? new PeerError('canceled', 'The session was closed.'), error)) {
      this.#path?.[error ? 'break' : 'close']();
    }
  }

  // Whoever waits hears the reason. A path outlives the other end's word that it is done: the last bytes may be behind it.
  #finish(reason, told) {
    if (this.#ended) {
      return false;
    }
    this.#ended = reason;
    this.#running?.controller.abort(reason);
    this.#parts.leave(this);
    this.#wake();
    this.onclose(told);
    return true;
  }

  #hear(note) {
    this.#offlineSince = 0;
    if (note.pathOffer && !this.isOpener) {
      this.#takeOffer(note.pathOffer);
    } else if (note.pathAnswer && this.isOpener) {
      this.#answered = note.pathAnswer;
    } else if (note.pathSignal) {
      const { attempt, kind, content } = note.pathSignal;
      if (this.#running?.attempt.number === attempt && kind === DIRECT_UDP) {
        this.#running.attempt.take(content ?? new Uint8Array(0));
      }
    } else if (note.pathWanted && this.isOpener) {
      this.#breakPath(note.pathWanted.after ?? 0);
    } else if (note.close) {
      const refusal = note.close.code ? new PeerError(plainText(note.close.code), `${this.agent} refused: ${plainText(note.close.message)}`) : null;
      this.#finish(refusal ?? new PeerError('agent.offline', `${this.agent} closed the session.`), refusal);
    } else if (note.application) {
      this.onnote(note.application);
    }
    this.#wake();
  }

  #takeOffer(offer) {
    const number = offer.attempt ?? 0;
    if (this.#offered && number <= this.#offered.attempt) {
      if (this.#answered?.attempt === number) {
        this.#say({ pathAnswer: this.#answered });
      }
    } else {
      this.#offered = { ...offer, attempt: number };
      this.#running?.controller.abort(superseded);
    }
    if (number > 0) {
      this.#breakPath(number - 1);
    }
  }

  async #offer(signal) {
    const number = ++this.#attempt;
    return this.#try(number, signal, async (attempt, controller) => {
      const offer = { attempt: number, paths: [{ kind: DIRECT_UDP, description: await attempt.describe() }] };
      const answer = await this.#sayUntil(() => this.#say({ pathOffer: offer }), () => (this.#answered?.attempt === number ? this.#answered : null), controller.signal);
      return attempt.run(descriptionIn(answer), controller.signal);
    });
  }

  async #accept(signal) {
    for (;;) {
      const offer = await this.#sayUntil(() => this.#say({ pathWanted: { after: this.#attempt } }), () => (this.#offered?.attempt > this.#attempt ? this.#offered : null), signal);
      this.#attempt = offer.attempt;
      try {
        return await this.#try(offer.attempt, signal, async (attempt, controller) => {
          const isPossible = offer.paths.some(({ kind }) => kind === DIRECT_UDP);
          const paths = isPossible ? [{ kind: DIRECT_UDP, description: await attempt.describe() }] : [];
          this.#answered = { attempt: offer.attempt, paths };
          this.#say({ pathAnswer: this.#answered });
          return attempt.run(descriptionIn(offer), controller.signal);
        });
      } catch (error) {
        if (error !== superseded) {
          throw error;
        }
        // The opener gave that attempt up and offers another.
      }
    }
  }

  /** Runs one attempt, which ends when its caller, the session or a newer offer says so. */
  async #try(number, signal, run) {
    const { certificate, stun } = this.#parts;
    if (!certificate || this.remoteFingerprint.length === 0) {
      throw new PeerError('peer.unreachable', 'The two ends allow no kind of path in common.');
    }
    const controller = new AbortController();
    const stop = () => controller.abort(signal.reason);
    signal?.addEventListener('abort', stop);
    const attempt = new PathAttempt({
      number, isOpener: this.isOpener, certificate, fingerprint: this.remoteFingerprint, stun: stun(),
      say: (content) => this.#say({ pathSignal: { attempt: number, kind: DIRECT_UDP, content } }),
    });
    this.#running = { attempt, controller };
    try {
      const path = await run(attempt, controller);
      [this.#path, this.#pathAttempt] = [path, number];
      return path;
    } finally {
      this.#running = null;
      signal?.removeEventListener('abort', stop);
      attempt.close();
    }
  }

  #breakPath(number) {
    if (this.#path && this.#pathAttempt <= number) {
      this.#path.break();
    }
  }

  /** Sealed and sent one after another: counters must arrive in their order. */
  #say(note) {
    const bytes = PeerNote.encode(note);
    this.#saying = this.#saying.then(async () => this.#parts.send({ sealed: await this.#parts.seals.own.seal(bytes) })).catch((error) => this.end(error));
  }

  /** Says something again until there is what is waited for. */
  async #sayUntil(say, look, signal) {
    let said = 0;
    for (;;) {
      const found = look();
      if (found) {
        return found;
      }
      this.#checkAlive(signal);
      if (Date.now() - said >= REPEAT_MS) {
        say();
        said = Date.now();
      }
      await this.#nextNews(signal);
    }
  }

  #nextNews(signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(done, REPEAT_MS);
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done);
      this.#news.push(done);
    });
  }

  #wake() {
    this.#news.splice(0).forEach((done) => done());
  }

  #checkAlive(signal) {
    if (this.#ended) {
      throw this.#ended;
    }
    signal?.throwIfAborted();
    if (this.#isGone) {
      const gone = this.#gone();
      this.end(gone);
      throw gone;
    }
  }

  get #isGone() {
    return this.#offlineSince > 0 && Date.now() - this.#offlineSince > GONE_AFTER_MS;
  }

  #gone() {
    return new PeerError('agent.offline', `The other end of the session, at ${this.agent}, is gone.`);
  }
}

function descriptionIn({ paths }) {
  const path = paths.find(({ kind }) => kind === DIRECT_UDP);
  if (!path) {
    throw new PeerError('peer.unreachable', 'The two ends allow no kind of path in common.');
  }
  return path.description ?? new Uint8Array(0);
}

