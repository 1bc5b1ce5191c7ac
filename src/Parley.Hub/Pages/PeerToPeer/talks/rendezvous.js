// Brings two ends together for a purpose that has one partner, such as a chat: either, or both, may ask.
// When both ask at once there are two sessions, and the one stays that the agent with the smaller address opened; one that comes in later takes the place of the one in use.
import { abortable, sleep } from './frames.js';

const COURTESY_MS = 1000;

/** Something that may have changed: who waits is woken by each call of `wake`. */
export class News {
  #resolve;
  #next = this.#make();

  /** Resolves with the next news. */
  get next() {
    return this.#next;
  }

  wake() {
    const resolve = this.#resolve;
    this.#next = this.#make();
    resolve();
  }

  #make() {
    return new Promise((resolve) => { this.#resolve = resolve; });
  }
}

/** Where a talk gets its sessions from. */
export class Rendezvous {
  #meeting;
  #purpose;
  #options;
  #incoming = [];
  #news = new News();
  #wants = false;
  #isAgain = false;
  #stop;

  /**
   * @param {Meeting} meeting The page's.
   * @param {string} purpose What for.
   * @param {{ welcome?: (session) => Promise<boolean>, fingerprint?: Uint8Array }} options Whether somebody who comes is taken; the certificate of a call.
   */
  constructor(meeting, purpose, options = {}) {
    [this.#meeting, this.#purpose, this.#options] = [meeting, purpose, options];
    this.#stop = meeting.accept(purpose, (session) => this.#take(session), options);
  }

  /** Whether this end asks for a session when there is none. */
  get wants() {
    return this.#wants;
  }

  set wants(value) {
    this.#wants = value;
    this.#news.wake();
  }

  /** Takes nobody any more. */
  close() {
    this.#stop?.();
    this.#drop();
  }

  /** Meets the other end, for the first time or again; waits for it unless this end wants to ask. */
  async meet(signal) {
    for (;;) {
      signal.throwIfAborted();
      const theirs = this.#newest();
      if (theirs) {
        return theirs;
      }
      const mine = this.#wants ? await this.#ask(signal) : await abortable(this.#news.next, signal);
      if (mine) {
        return mine;
      }
    }
  }

  /** Ends when the other end has opened a session that takes the place of this one. */
  async replaced(session, hasHeard, signal) {
    for (;;) {
      const news = this.#news.next;
      if (this.#incoming.length > 0) {
        if (!session.isOpener || hasHeard() || !this.#isSmaller(session.agent)) {
          return;
        }
        // Both asked at once, and ours stays.
        this.#drop();
      }
      await abortable(news, signal);
    }
  }

  async #ask(signal) {
    if (this.#isAgain && !this.#isSmaller(this.#meeting.host)) {
      // It may be asking at this moment; then there is no need to.
      const patience = new AbortController();
      await Promise.race([this.#coming(patience.signal), sleep(COURTESY_MS, AbortSignal.any([signal, patience.signal]))]).finally(() => patience.abort());
      if (this.#incoming.length > 0) {
        return null;
      }
    }
    this.#isAgain = true;
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const opening = this.#meeting.ask(this.#meeting.host, this.#purpose, { signal: both, fingerprint: this.#options.fingerprint })
      .then((session) => ({ session }), (error) => ({ error }));
    await Promise.race([opening, this.#coming(both)]);
    stop.abort();
    const { session, error } = await opening;
    if (session && (this.#isSmaller(session.agent) || this.#incoming.length === 0)) {
      return session;
    }
    session?.close();
    if (this.#incoming.length === 0) {
      signal.throwIfAborted();
      if (this.#wants) {
        throw error;
      }
    }
    return null;
  }

  // Until somebody comes, or nobody is wanted any more.
  async #coming(signal) {
    while (this.#incoming.length === 0 && this.#wants && !signal.aborted) {
      await abortable(this.#news.next, signal).catch(() => {});
    }
  }

  async #take(session) {
    if (session.agent !== this.#meeting.host || (this.#options.welcome && !await this.#options.welcome(session))) {
      session.close();
      return;
    }
    this.#incoming.push(session);
    this.#news.wake();
  }

  #newest() {
    const newest = this.#incoming.pop();
    this.#drop();
    return newest;
  }

  #drop() {
    this.#incoming.splice(0).forEach((session) => session.close());
  }

  #isSmaller(agent) {
    return this.#meeting.self < agent;
  }
}
