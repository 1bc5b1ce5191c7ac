// What the rest of the page is built on: one Meeting with the host, over which sessions are asked for and accepted.
import { areEqual, randomBytes, sha256, toHex, utf8 } from './bytes.js';
import { makeCertificate } from './certificate.js';
import { PeerError, plainText } from './errors.js';
import { Handshake } from './handshake.js';
import { Identity, browserStore, enrol } from './identity.js';
import { isAddress, readInvite } from './invite.js';
import { Link } from './link.js';
import { PeerSession } from './peer-session.js';
import { phraseOf } from './phrase.js';
import { trustOf } from './pins.js';
import { answerProbe } from './probe.js';
import { PURPOSES, PeerSignal, purposeName } from './wire.js';

export { PathBroken, PeerError } from './errors.js';
export { Path } from './path.js';
export { PeerSession } from './peer-session.js';

const REPEAT_MS = 1_000;
const HANDSHAKE_MS = 30_000;
const GONE_MS = 500;
const MAX_HANDSHAKES = 8;

/** The visitor, its host, and the link between them. */
export class Meeting {
  /** This end, `owner.name`. */
  self;
  /** Who invited, `owner.name`. */
  host;
  #visit;
  #identity;
  #link;
  #onState;
  #hubStun = [];
  #accepted = new Map();
  #openings = new Map();
  #accepting = new Map();
  #sessions = new Map();
  #handling = Promise.resolve();
  #goneSaid = 0;
  #over = null;

  constructor(visit, identity, onState) {
    [this.#visit, this.#identity, this.#onState, this.self, this.host] = [visit, identity, onState, visit.visitor, visit.host];
  }

  /**
   * Enters by an invite, or comes back: `invite` is what stands behind '#' in the page's address, an invite or, on later visits, the visitor's address.
   * `onState({ state, error })` hears 'connecting', 'online' and 'offline', and with a PeerError 'refused', when somebody showed another key than the host's, and 'over'.
   * Ends when the hub has welcomed the visitor.
   */
  static async open({ invite, onState = () => {}, store = browserStore(), hub = location.origin }) {
    if (!globalThis.crypto?.subtle) {
      throw new PeerError('unsupported', 'This browser keeps its cryptography from pages that come unencrypted: open the link over https.');
    }
    const { visit, identity } = await enter(invite, store, hub);
    const meeting = new Meeting(visit, identity, onState);
    await meeting.#attach(hub);
    return meeting;
  }

  /** Asks the host for a session, again and again until it is answered. For calls `fingerprint` is that of the browser's own certificate. */
  async ask(target, purpose, { signal, fingerprint } = {}) {
    if (target !== this.host && target !== this.host.slice(this.host.indexOf('.') + 1)) {
      throw new PeerError('agent.unknown', `A visitor meets ${this.host} alone.`);
    }
    const id = randomBytes(16);
    const { certificate, fingerprint: dtls } = await certificateFor(purpose, fingerprint);
    const handshake = await Handshake.open(this.#self(), PURPOSES[purpose], id, dtls);
    const { answer, from, end } = await this.#sayUntilAnswered(id, purpose, handshake, signal);
    await handshake.takeAnswer(answer, from);
    const session = await this.#begin(id, purpose, handshake, end, certificate);
    session.confirm();
    return session;
  }

  /** Takes sessions that the host asks for. Gives a function that stops it. For calls `fingerprint` is that of the browser's own certificate, or a function that gives it. */
  accept(purpose, handler, { fingerprint } = {}) {
    this.#accepted.set(purpose, { handler, fingerprint });
    this.#tellPurposes();
    return () => {
      if (this.#accepted.get(purpose)?.handler === handler) {
        this.#accepted.delete(purpose);
        this.#tellPurposes();
      }
    };
  }

  /** Dials at once if the link is down. */
  wake() {
    this.#link.wake();
  }

  /** Ends everything. */
  async close() {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    this.#link.close();
  }

  #self() {
    return { hub: this.#visit.hub, address: this.self, identity: this.#identity };
  }

  #attach(hub) {
    this.#onState({ state: 'connecting' });
    return new Promise((resolve, reject) => {
      this.#link = new Link({
        url: new URL('/api/link', hub).href.replace(/^http/, 'ws'),
        hub: this.#visit.hub,
        address: this.#visit.visitor,
        identity: this.#identity,
        onUp: (welcome) => {
          this.self = welcome.address || this.self;
          this.#hubStun = welcome.stunPort ? [`stun:${new URL(hub).hostname}:${welcome.stunPort}`] : [];
          this.#onState({ state: 'online' });
          resolve();
        },
        onDown: () => this.#onState({ state: 'offline' }),
        onOver: (error) => {
          const reason = ['link.proof', 'agent.revoked'].includes(error.code) ? new PeerError('agent.revoked', `The visit is over. Ask ${this.host} for another link.`) : error;
          this.#end(reason);
          reject(reason);
        },
        onSignal: (signal) => this.#handle(() => this.#take(signal)),
        onRefusal: (refusal) => this.#handle(() => this.#takeRefusal(refusal)),
      });
      this.#tellPurposes();
      this.#link.start();
    });
  }

  // Whoever accepts anything answers probes.
  #tellPurposes() {
    this.#link.setPurposes([...new Set([...this.#accepted.keys(), 'probe'])].sort());
  }

  #end(reason) {
    this.#over = reason;
    this.#sessions.forEach((session) => session.end(reason));
    this.#openings.forEach((opening) => opening.reject(reason));
    this.#onState({ state: 'over', error: reason });
  }

  // One signal after another, as they came.
  #handle(act) {
    this.#handling = this.#handling.then(act).catch((error) => console.warn('a signal was refused:', error.code ?? error.message));
  }

  async #take(signal) {
    const { session: id, from = '', fromEnd = new Uint8Array(0), payload = new Uint8Array(0) } = signal;
    if (id?.length !== 16) {
      return;
    }
    const key = toHex(id);
    const content = PeerSignal.decode(payload);
    const [session, opening, accepting] = [this.#sessions.get(key), this.#openings.get(key), this.#accepting.get(key)];
    if (session) {
      if (session.parts.agent === from && areEqual(session.parts.end, fromEnd)) {
        await session.session.take(content);
      }
    } else if (content.answer && opening) {
      opening.resolve({ answer: content.answer, from, end: fromEnd });
    } else if (content.offer) {
      await this.#takeOffer(key, signal, content.offer, from, fromEnd);
    } else if (accepting) {
      if (accepting.from === from && areEqual(accepting.end, fromEnd)) {
        await this.#takeConfirm(key, accepting, content);
      }
    } else if (content.sealed && !opening) {
      this.#sayGone(signal);
    }
  }

  // Whoever still has the session asks again every second, and a visitor may say only so much.
  #sayGone({ session: id, purpose, from, fromEnd }) {
    if (Date.now() - this.#goneSaid >= GONE_MS) {
      this.#goneSaid = Date.now();
      this.#send(id, purposeName(purpose), from, fromEnd, { gone: {} });
    }
  }

  async #takeOffer(key, { session: id, purpose: number }, offer, from, end) {
    const purpose = purposeName(number);
    const present = this.#accepting.get(key);
    if (present) {
      if (present.from === from && areEqual(present.end, end)) {
        this.#answer(present);
      }
      return;
    }
    this.#dropStale();
    const accepted = this.#accepted.get(purpose);
    if ((!accepted && purpose !== 'probe') || this.#accepting.size >= MAX_HANDSHAKES) {
      return;
    }
    const { certificate, fingerprint } = await certificateFor(purpose, accepted?.fingerprint);
    const handshake = await Handshake.accept(this.#self(), number, id, fingerprint, offer, from);
    const accepting = { id, purpose, handshake, certificate, from, end, since: Date.now() };
    this.#accepting.set(key, accepting);
    this.#answer(accepting);
  }

  #answer({ id, purpose, handshake, from, end }) {
    this.#send(id, purpose, from, end, { answer: handshake.answer });
  }

  async #takeConfirm(key, accepting, content) {
    if (!content.confirm) {
      // Sealed already: the confirmation was lost. The answer, said again, brings it again.
      this.#answer(accepting);
      return;
    }
    this.#accepting.delete(key);
    const { id, purpose, handshake, certificate, end } = accepting;
    await handshake.takeConfirm(content.confirm);
    let refusal = null;
    try {
      trustOf(this.#visit, handshake.remote.address, handshake.remote.identity);
    } catch (error) {
      refusal = error;
    }
    const session = await this.#begin(id, purpose, handshake, end, certificate, refusal ? 'refused' : undefined);
    if (refusal) {
      await session.close(new PeerError(refusal.code, 'your key is not the one that is known there.'));
      this.#onState({ state: 'refused', error: refusal });
      return;
    }
    const handler = purpose === 'probe' && !this.#accepted.has('probe') ? answerProbe : this.#accepted.get(purpose)?.handler;
    // Not waited for: a handler may last as long as its session.
    Promise.resolve(session).then(handler ?? (() => session.close())).catch((error) => session.close(error instanceof PeerError ? error : new PeerError('internal', 'the page failed.')));
  }

  #dropStale() {
    for (const [key, { since }] of this.#accepting) {
      if (Date.now() - since > HANDSHAKE_MS) {
        this.#accepting.delete(key);
      }
    }
  }

  async #begin(id, purpose, handshake, end, certificate, trust) {
    const key = toHex(id);
    const { remote } = handshake;
    const self = { address: this.self, identity: this.#identity.publicKey };
    const parts = {
      agent: remote.address,
      end,
      isOpener: handshake.isOpener,
      remoteFingerprint: remote.dtls,
      confirmation: handshake.confirmation,
      seals: await handshake.seals(),
      phrase: await phraseOf(this.#visit.hub, self, { address: remote.address, identity: remote.identity }),
      trust: trust ?? trustOf(this.#visit, remote.address, remote.identity),
      certificate,
      stun: () => [...this.#hubStun, ...this.#visit.stun],
      send: (content) => this.#send(id, purpose, remote.address, end, content),
      leave: () => this.#sessions.delete(key),
    };
    const session = new PeerSession(parts);
    this.#sessions.set(key, { session, parts, end: (error) => session.end(error), close: () => session.close(), takeRefusal: (refusal) => session.takeRefusal(refusal) });
    return session;
  }

  #send(id, purpose, to, toEnd, content) {
    this.#link.send({ session: id, to, toEnd, purpose: PURPOSES[purpose], payload: PeerSignal.encode(content) });
  }

  async #sayUntilAnswered(id, purpose, handshake, signal) {
    const payload = PeerSignal.encode({ offer: handshake.offer });
    const key = toHex(id);
    let attempt = 0;
    let repeating;
    const say = () => this.#link.send({ session: id, to: this.host, purpose: PURPOSES[purpose], attempt: ++attempt, payload });
    try {
      return await new Promise((resolve, reject) => {
        if (this.#over) {
          throw this.#over;
        }
        signal?.throwIfAborted();
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        this.#openings.set(key, { resolve, reject });
        say();
        repeating = setInterval(say, REPEAT_MS);
      });
    } finally {
      clearInterval(repeating);
      this.#openings.delete(key);
    }
  }

  #takeRefusal({ session: id = new Uint8Array(0), code = '', message = '', circuit = 0 }) {
    const key = toHex(id);
    const session = this.#sessions.get(key);
    if (session) {
      if (circuit === 0) {
        session.takeRefusal({ code, message });
      }
    } else if (!['agent.offline', 'rate_limited', 'unavailable'].includes(code)) {
      this.#openings.get(key)?.reject(new PeerError(code, plainText(message)));
    }
  }
}

/** A certificate for paths; for calls the browser's own is signed, and there is no path. */
const certificateFor = async (purpose, fingerprint) => (purpose === 'call' ? { certificate: null, fingerprint: (typeof fingerprint === 'function' ? await fingerprint() : fingerprint) ?? new Uint8Array(0) } : makeCertificate());

/** The visit that an invite begins, or that was begun before. */
async function enter(text, store, hub) {
  if (!text) {
    throw new PeerError('invalid_argument', 'This is the address of the page alone. Open the whole link that you were given.');
  }
  if (isAddress(text)) {
    const visit = await store.find(text);
    if (!visit) {
      throw new PeerError('join.refused', 'This browser holds no visit of that name: open the link that you were given.');
    }
    return { visit, identity: await Identity.of(visit.pair) };
  }

  const invite = await readInvite(text);
  const { secret, ...known } = invite;
  const token = toHex(await sha256(utf8(secret)));
  const before = await store.find(invite.visitor);
  const isAgain = before?.token === token;
  const made = isAgain ? { pair: before.pair, identity: await Identity.of(before.pair) } : await Identity.make();
  const visit = isAgain ? before : { ...known, token, pair: made.pair, isEnrolled: false };
  if (!visit.isEnrolled) {
    // Kept first: when the answer gets lost, the key that the hub took is still here.
    await store.keep(visit.visitor, visit);
    try {
      await enrol(invite, made.identity, (path, body) => post(new URL(path, hub), body));
    } catch (error) {
      if (!isAgain || error.code !== 'join.refused') {
        throw error;
      }
    }
    visit.isEnrolled = true;
    await store.keep(visit.visitor, visit);
  }
  return { visit, identity: made.identity };
}

async function post(url, body) {
  let response;
  try {
    response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch {
    throw new PeerError('unavailable', 'The hub does not answer. Try again.');
  }
  return { status: response.status, body: await response.json().catch(() => null) };
}
