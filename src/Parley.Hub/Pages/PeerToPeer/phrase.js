// The phrase that two people compare: eight groups of five digits, the same at both ends when nobody sits in between (docs/protocol/signalling.md, section 7).
import { utf8 } from './bytes.js';

const ROUNDS = 100_000;

/** The phrase of two agents, each `{ address, identity }`. */
export async function phraseOf(hub, one, other) {
  const at = one.identity.findIndex((byte, index) => byte !== other.identity[index]);
  const isFirst = at < 0 || one.identity[at] < other.identity[at];
  const [first, second] = isFirst ? [one, other] : [other, one];
  return `${await halfOf(hub, first)} ${await halfOf(hub, second)}`;
}

async function halfOf(hub, { address, identity }) {
  const key = await crypto.subtle.importKey('raw', identity, 'PBKDF2', false, ['deriveBits']);
  const salt = utf8(`parley-verify-v1\0${hub}\0${address}`);
  const view = new DataView(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt, iterations: ROUNDS }, key, 64));
  return [0, 2, 4, 6].map((offset) => String(view.getUint16(offset)).padStart(5, '0')).join(' ');
}
