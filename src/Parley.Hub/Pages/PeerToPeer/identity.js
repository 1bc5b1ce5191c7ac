// The visitor's key: made here, kept by the browser so that no script can read it out, proved to the hub and to the other end by signatures.
import { bigEndian, randomBytes, sha256, signedFields, toBase64, utf8 } from './bytes.js';
import { PeerError, plainText } from './errors.js';

const DATABASE = 'parley-visits';
const TABLE = 'visits';
const ED25519 = { name: 'Ed25519' };

/** An Ed25519 key whose private half stays inside. */
export class Identity {
  #key;

  constructor(key, publicKey) {
    [this.#key, this.publicKey] = [key, publicKey];
  }

  /** A fresh key, and its pair for the browser's store. */
  static async make() {
    const pair = await crypto.subtle.generateKey(ED25519, false, ['sign', 'verify']);
    return { pair, identity: await Identity.of(pair) };
  }

  /** The key of a pair. */
  static async of(pair) {
    return new Identity(pair.privateKey, new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  }

  /** Signs bytes that begin with their purpose. */
  async sign(bytes) {
    return new Uint8Array(await crypto.subtle.sign(ED25519, this.#key, bytes));
  }
}

/** Enrols the key with the hub, by the secret of an invite. `ask(path, body)` posts JSON and gives `{ status, body }`. */
export async function enrol(invite, identity, ask, now = Date.now()) {
  // A visitor never uses these two: its halves of them are dropped at once.
  const agreement = await publicKeyOf({ name: 'X25519' }, ['deriveBits']);
  const tls = await publicKeyOf(ED25519, ['sign', 'verify']);
  const nonce = randomBytes(32);
  const name = invite.visitor.slice(invite.visitor.indexOf('.') + 1);
  const signed = signedFields('parley-enrol-v1', [
    utf8(invite.hub), new Uint8Array(0), await sha256(utf8(invite.secret)), identity.publicKey, utf8(name), nonce, bigEndian(now, 8),
  ]);
  const { status, body } = await ask('/api/enrol', {
    token: invite.secret,
    name,
    labels: {},
    publicKey: toBase64(identity.publicKey),
    keyAgreement: toBase64(agreement),
    tlsKey: toBase64(tls),
    bindingSignature: toBase64(await identity.sign(signedFields('parley-keys-v1', [agreement, tls]))),
    nonce: toBase64(nonce),
    signedAt: now,
    signature: toBase64(await identity.sign(signed)),
  });
  if (status !== 201) {
    throw refusalOf(body?.error);
  }
}

/** Proves the key on a link: what the hub verifies. */
export const linkProof = (identity, { hub, hubNonce, nonce, address, role, version }) =>
  identity.sign(signedFields('parley-link-v1', [new Uint8Array(0), utf8(hub), hubNonce, nonce, utf8(address), bigEndian(role, 1), bigEndian(version, 4)]));

async function publicKeyOf(algorithm, uses) {
  const pair = await crypto.subtle.generateKey(algorithm, false, uses);
  return new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
}

function refusalOf(error) {
  return error?.code === 'join.refused'
    ? new PeerError('join.refused', 'This link is not good, or not any more: it was used, it is over, or whoever invited you took it back. Ask for another.')
    : new PeerError(error?.code ?? 'unavailable', plainText(error?.message ?? 'The hub does not answer as it should.'));
}

/** Where visits are kept in a browser: `find(id)` and `keep(id, visit)`. */
export const browserStore = () => ({ find: (id) => inTable('readonly', (table) => table.get(id)), keep: (id, visit) => inTable('readwrite', (table) => table.put(visit, id)) });

function inTable(mode, ask) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(TABLE, mode);
      const request = ask(transaction.objectStore(TABLE));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onabort = () => reject(transaction.error);
    };
  });
}
