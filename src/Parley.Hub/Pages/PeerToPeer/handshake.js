// Two agents prove their identity keys to each other over a hub that neither trusts: three messages (docs/protocol/signalling.md, section 3). No I/O.
import { areEqual, bigEndian, signedFields, utf8 } from './bytes.js';
import { PeerError } from './errors.js';
import { Seal } from './seal.js';

const VERSION = 1;
const KEY = 32;

/** One end of a handshake. `self` is `{ hub, address, identity }` with an Identity; `dtls` the fingerprint of the certificate that this end will show. */
export class Handshake {
  #self;
  #own;
  #fresh;
  #purpose;
  #session;
  #said;
  #secrets;
  #isProved = false;

  constructor(self, purpose, session, isOpener, fresh, own) {
    [this.#self, this.#purpose, this.#session, this.isOpener, this.#fresh, this.#own] = [self, purpose, session, isOpener, fresh, own];
  }

  /** The opener's end; its first message is `offer`. */
  static async open(self, purpose, session, dtls) {
    const handshake = await Handshake.#make(self, purpose, session, true, dtls);
    const own = handshake.#own;
    handshake.offer = { versionMin: VERSION, versionMax: VERSION, from: own.address, identity: own.identity, key: own.key, tlsFingerprint: own.tls, dtlsFingerprint: own.dtls };
    return handshake;
  }

  /** The acceptor's end, with its `answer` to an offer. `from` is who the hub says that the opener is. */
  static async accept(self, purpose, session, dtls, offer, from) {
    const version = Math.min(VERSION, offer.versionMax ?? 0);
    if (version < VERSION || version < (offer.versionMin ?? 0)) {
      throw new PeerError('protocol.version', 'No version of sessions is spoken by both ends.');
    }
    const handshake = await Handshake.#make(self, purpose, session, false, dtls);
    const own = handshake.#own;
    handshake.#meet(offer, from, { versionMin: offer.versionMin ?? 0, versionMax: offer.versionMax, version });
    await handshake.#agree();
    handshake.answer = {
      version, from: own.address, identity: own.identity, key: own.key, tlsFingerprint: own.tls, dtlsFingerprint: own.dtls, ...(await handshake.#ownProof()),
    };
    return handshake;
  }

  static async #make(self, purpose, session, isOpener, dtls) {
    const fresh = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
    const key = new Uint8Array(await crypto.subtle.exportKey('raw', fresh.publicKey));
    return new Handshake(self, purpose, session, isOpener, fresh, { address: self.address, identity: self.identity.publicKey, key, tls: new Uint8Array(0), dtls });
  }

  /** The other end: as it claims until it is proved. `{ address, identity, key, tls, dtls }`. */
  get remote() {
    return this.isOpener ? this.#said.acceptor : this.#said.opener;
  }

  /** The opener hears the acceptor; `confirmation` is what it says then. */
  async takeAnswer(answer, from) {
    if (answer.version !== VERSION) {
      throw new PeerError('protocol.version', 'The other end answered in a version of sessions that is not spoken here.');
    }
    this.#meet(answer, from, { versionMin: VERSION, versionMax: VERSION, version: answer.version });
    await this.#agree();
    await this.#verify(answer);
    this.confirmation = await this.#ownProof();
  }

  /** The acceptor hears the opener's proof. */
  takeConfirm(confirm) {
    return this.#verify(confirm);
  }

  /** What seals this end's signals, and what opens the other's; only once it is proved. */
  async seals() {
    if (!this.#isProved) {
      throw new Error('the other end is not proved');
    }
    const [opener, acceptor] = [await this.#secrets.seal('opener'), await this.#secrets.seal('acceptor')];
    return this.isOpener ? { own: opener, other: acceptor } : { own: acceptor, other: opener };
  }

  #meet(message, from, versions) {
    const party = {
      address: from, identity: message.identity ?? empty, key: message.key ?? empty, tls: message.tlsFingerprint ?? empty, dtls: message.dtlsFingerprint ?? empty,
    };
    if (message.from !== from) {
      throw unproved('it calls itself other than the hub does');
    }
    if (from === this.#own.address || areEqual(party.identity, this.#own.identity) || areEqual(party.key, this.#own.key)) {
      throw unproved('what it showed is our own');
    }
    if (party.identity.length !== KEY || party.key.length !== KEY || ![0, KEY].includes(party.tls.length) || ![0, KEY].includes(party.dtls.length)) {
      throw new PeerError('protocol.violation', 'A key or fingerprint of the other end has a wrong length.');
    }
    const [opener, acceptor] = this.isOpener ? [this.#own, party] : [party, this.#own];
    this.#said = { hub: this.#self.hub, purpose: this.#purpose, session: this.#session, ...versions, opener, acceptor };
  }

  async #agree() {
    let shared;
    try {
      const theirs = await crypto.subtle.importKey('raw', this.remote.key, { name: 'X25519' }, false, []);
      shared = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, this.#fresh.privateKey, KEY * 8));
    } catch {
      throw unproved('its fresh key is not one');
    }
    this.#secrets = await secretsOf(shared, this.#said);
  }

  async #ownProof() {
    const signature = await this.#self.identity.sign(proofOf(this.isOpener ? 1 : 2, this.#said));
    return { signature, mac: await this.#secrets.confirm(this.isOpener) };
  }

  async #verify({ signature = empty, mac = empty }) {
    const key = await crypto.subtle.importKey('raw', this.remote.identity, { name: 'Ed25519' }, false, ['verify']).catch(() => null);
    const isSigned = key !== null && (await crypto.subtle.verify('Ed25519', key, signature, proofOf(this.isOpener ? 2 : 1, this.#said)));
    const isConfirmed = areEqual(await this.#secrets.confirm(!this.isOpener), mac);
    if (!isSigned || !isConfirmed) {
      throw unproved('its signature does not fit what was said. Somebody changed it on the way, or pretends to be it');
    }
    this.#isProved = true;
  }
}

const empty = new Uint8Array(0);

const unproved = (what) => new PeerError('peer.proof', `The other end is not proved: ${what}.`);

/** What is signed (role 1: opener, 2: acceptor), or keys are derived from (role 0). */
export const proofOf = (role, { hub, purpose, session, versionMin, versionMax, version, opener, acceptor }) => signedFields('parley-session-v1', [
  bigEndian(role, 1), utf8(hub), bigEndian(purpose, 1), session, bigEndian(versionMin, 4), bigEndian(versionMax, 4), bigEndian(version, 4),
  utf8(opener.address), utf8(acceptor.address), opener.identity, acceptor.identity, opener.key, acceptor.key,
  opener.tls, acceptor.tls, opener.dtls, acceptor.dtls,
]);

/** The keys of a session, from the X25519 secret and all that was said. */
export async function secretsOf(shared, said) {
  if (shared.every((byte) => byte === 0)) {
    throw unproved('its fresh key is not one');
  }
  const { subtle } = crypto;
  const salt = new Uint8Array(await subtle.digest('SHA-256', proofOf(0, said)));
  const root = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
  const derive = async (name, length) => new Uint8Array(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8(`parley-session-v1 ${name}`) }, root, length * 8));
  const confirmKey = await subtle.importKey('raw', await derive('confirm', KEY), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return {
    /** The HMAC by which an end shows that it has the keys. */
    confirm: async (isOpener) => {
      const party = isOpener ? said.opener : said.acceptor;
      return new Uint8Array(await subtle.sign('HMAC', confirmKey, signedFields('parley-session-mac-v1', [bigEndian(isOpener ? 1 : 2, 1), utf8(party.address), party.identity])));
    },
    /** What seals or opens the signals of one end, 'opener' or 'acceptor'. */
    seal: async (end) => new Seal(
      await subtle.importKey('raw', await derive(`${end} key`, KEY), 'AES-GCM', false, ['encrypt', 'decrypt']), await derive(`${end} nonce`, 12), said.session),
  };
}
