// Seals what one end of a session says, or opens it at the other: AES-256-GCM with a counter (docs/protocol/signalling.md, section 4).
import { bigEndian, concat } from './bytes.js';
import { PeerError } from './errors.js';

const MAX_COUNTER = 2 ** 32;

/** One direction of a session. An instance seals or opens, never both; calls must follow one another. */
export class Seal {
  #key;
  #nonce;
  #session;
  #last = 0;

  /** @param {CryptoKey} key AES-256. @param {Uint8Array} nonce 12 bytes. @param {Uint8Array} session The session's id. */
  constructor(key, nonce, session) {
    [this.#key, this.#nonce, this.#session] = [key, nonce, session];
  }

  /** Seals the next signal. */
  async seal(content) {
    if (this.#last >= MAX_COUNTER) {
      throw new PeerError('conflict', 'The session has said all that its key is good for.');
    }
    const counter = ++this.#last;
    return { counter, sealed: new Uint8Array(await crypto.subtle.encrypt(this.#options(counter), this.#key, content)) };
  }

  /** Opens a signal. Throws PeerError when it was repeated, put out of order or changed. */
  async open({ counter = 0, sealed = new Uint8Array(0) }) {
    if (counter <= this.#last || counter > MAX_COUNTER) {
      throw refused();
    }
    let content;
    try {
      content = new Uint8Array(await crypto.subtle.decrypt(this.#options(counter), this.#key, sealed));
    } catch {
      throw refused();
    }
    this.#last = counter;
    return content;
  }

  #options(counter) {
    const bytes = bigEndian(counter, 8);
    const iv = this.#nonce.slice();
    bytes.forEach((byte, index) => { iv[4 + index] ^= byte; });
    return { name: 'AES-GCM', iv, additionalData: concat(this.#session, bytes), tagLength: 128 };
  }
}

const refused = () => new PeerError('peer.proof', 'A signal was repeated, put out of order or changed on its way.');
