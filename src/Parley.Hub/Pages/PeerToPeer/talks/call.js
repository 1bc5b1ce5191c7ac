// What two pages tell each other in one session of a call: every description is held against the certificate that was signed, on its way out and on its way in.
// docs/protocol/call.md has the words. Media goes from browser to browser; here are only the descriptions that make it possible.
import { utf8 } from '../bytes.js';
import { checkFingerprints } from '../certificate.js';
import { PeerError } from '../errors.js';
import { abortable, broken, sleep, textOf } from './frames.js';

const MAX_SDP = 24 << 10;
const MAX_HELD = 512;
const SAID_AT_ONCE = 8;
const REPEAT_MS = 1000;

/** Refuses a description unless every certificate in it is the one that was signed, and there is at least one. */
export function checkDescription(sdp, signed) {
  if (typeof sdp !== 'string') {
    throw said();
  }
  if (sdp.length > MAX_SDP) {
    throw new PeerError('message.too_large', 'The description of the call is too long.');
  }
  checkFingerprints(sdp, signed);
}

const said = () => broken('The other end of the call said something that no call says.');

function check(signal, signed) {
  if (signal === null || typeof signal !== 'object') {
    throw said();
  }
  const { description, candidate } = signal;
  if (description !== undefined && description !== null) {
    checkDescription(description.sdp, signed);
  } else if (candidate !== undefined && typeof candidate !== 'object') {
    throw said();
  }
}

/** Has what one page says arrive at the other once and in order, over notes of which some may be lost. */
export class CallLane {
  #held = [];
  #said = 0;

  /** Up to which number the other end's words are here. */
  heard = 0;

  /** Says something; its number, or 0 when too much waits, which a page that behaves never reaches. */
  say(content) {
    if (this.#held.length >= MAX_HELD) {
      return 0;
    }
    this.#held.push({ number: ++this.#said, content });
    return this.#said;
  }

  /** What is not acknowledged, the oldest first. */
  waiting(count) {
    return this.#held.slice(0, count);
  }

  /** The other end has everything up to a number. */
  acknowledge(number) {
    while (this.#held.length > 0 && this.#held[0].number <= number) {
      this.#held.shift();
    }
  }

  /** Something came: whether it is the next one. */
  take(number) {
    if (number !== this.heard + 1) {
      return false;
    }
    this.heard = number;
    return true;
  }
}

/** Tells the other end of a session that there is, or will be, no call. */
export const sayOver = (session) => session.sendNote(utf8(JSON.stringify({ number: 0, heard: 0, isOver: true })));

/** Reads a note. */
export function readNote(bytes) {
  let note;
  try {
    note = JSON.parse(textOf(bytes));
  } catch {
    throw said();
  }
  const isNumber = (value) => value === undefined || (Number.isSafeInteger(value) && value >= 0);
  const isText = note?.signal === undefined || note?.signal === null || typeof note?.signal === 'string';
  if (note === null || typeof note !== 'object' || !isNumber(note.number) || !isNumber(note.heard) || !isText) {
    throw said();
  }
  return { number: note.number ?? 0, heard: note.heard ?? 0, signal: note.signal ?? null, isOver: note.isOver === true };
}

/** The talk of one session. */
export class CallTalk {
  #session;
  #own;
  #lane = new CallLane();
  #ready;
  #over;
  #end;

  /** Ends when the other end has said something. */
  ready = new Promise((resolve) => { this.#ready = resolve; });

  /** Whether the other end, and whether its page, has said anything. */
  hasHeard = false;
  hasSignals = false;

  /**
   * @param {PeerSession} session A session of purpose call.
   * @param {Uint8Array} fingerprint The own certificate's, as it was signed.
   * @param {(signal: object) => void} hear Told what the other page says.
   */
  constructor(session, fingerprint, hear) {
    if (session.remoteFingerprint.length === 0) {
      throw new PeerError('peer.proof', 'The other end signed no certificate for the call.');
    }
    [this.#session, this.#own] = [session, fingerprint];
    this.#over = new Promise((resolve, reject) => { this.#end = { resolve, reject }; });
    this.#over.catch(() => {});
    session.onnote = (bytes) => this.#guard(() => this.#take(readNote(bytes), hear));
    session.onclose = (error) => this.#end.reject(error ?? new PeerError('agent.offline', 'The session is over.'));
  }

  /** Tells the other page something. */
  say(signal) {
    this.#guard(() => {
      check(signal, this.#own);
      const text = JSON.stringify(signal);
      const number = this.#lane.say(text);
      if (number > 0 && this.#lane.waiting(SAID_AT_ONCE + 1).length <= SAID_AT_ONCE) {
        this.#send({ number, signal: text });
      }
    });
  }

  /** Tells the other end that it is over. */
  hangUp() {
    this.#send({ number: 0, isOver: true });
  }

  /** Carries signals until the other end hangs up. */
  async run(signal) {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    try {
      await Promise.race([abortable(this.#over, signal), this.#repeat(both)]);
    } finally {
      stop.abort();
    }
  }

  #take(note, hear) {
    if (note.isOver) {
      this.#end.resolve();
      return;
    }
    this.hasHeard = true;
    this.#ready();
    this.#lane.acknowledge(note.heard);
    const isNext = note.number > 0 && this.#lane.take(note.number);
    if (note.number > 0 && this.#lane.waiting(1).length === 0) {
      this.#send({ number: 0 });
    }
    if (!isNext || note.signal === null) {
      return;
    }
    this.hasSignals = true;
    let spoken;
    try {
      spoken = JSON.parse(note.signal);
    } catch {
      throw said();
    }
    check(spoken, this.#session.remoteFingerprint);
    hear(spoken);
  }

  async #repeat(signal) {
    for (;;) {
      const waiting = this.#lane.waiting(SAID_AT_ONCE);
      if (waiting.length === 0) {
        // A sign of life, which also says what was heard.
        this.#send({ number: 0 });
      }
      waiting.forEach(({ number, content }) => this.#send({ number, signal: content }));
      await sleep(REPEAT_MS, signal);
    }
  }

  #send(note) {
    this.#session.sendNote(utf8(JSON.stringify({ number: note.number, heard: this.#lane.heard, signal: note.signal, isOver: note.isOver ?? false })));
  }

  #guard(action) {
    try {
      action();
    } catch (error) {
      this.#end.reject(error);
    }
  }
}
