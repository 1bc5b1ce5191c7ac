// The part of the link behind '#': whom to meet, and the secret that lets the visitor in once. No browser sends it anywhere. docs/protocol/page.md has its layout.
import { areEqual, fromBase64Url, sha256 } from './bytes.js';
import { PeerError } from './errors.js';

const VERSION = 1;
const CHECKSUM = 4;
const MAX_TEXT = 4096;
const ADDRESS = /^[a-z0-9][a-z0-9-]{0,62}\.[a-z0-9][a-z0-9-]{0,62}$/;

/** Whether a text is an address, `owner.name`. */
export const isAddress = (text) => ADDRESS.test(text);

/** Reads an invite: hub, visitor, host, hostKey, secret, stun. Throws PeerError when it was cut, or is of a newer kind. */
export async function readInvite(text) {
  const bytes = text.length <= MAX_TEXT ? fromBase64Url(text) : null;
  if (bytes && bytes.length > 0 && bytes[0] > VERSION) {
    throw new PeerError('invalid_argument', 'This link was made by a newer Parley than the hub runs.');
  }
  const body = bytes?.subarray(0, -CHECKSUM);
  if (!bytes || bytes.length <= CHECKSUM || !areEqual((await sha256(body)).subarray(0, CHECKSUM), bytes.subarray(-CHECKSUM))) {
    throw damaged();
  }

  let at = 1;
  const next = () => {
    const length = body[at];
    const field = body.subarray(at + 1, at + 1 + length);
    if (length === undefined || field.length !== length) {
      throw damaged();
    }
    at += 1 + length;
    return field;
  };
  const nextText = () => String.fromCharCode(...next());
  const invite = { hub: nextText(), visitor: nextText(), host: nextText(), hostKey: next().slice(), secret: nextText(), stun: nextText().split(' ').filter(Boolean) };
  if (at !== body.length || !isAddress(invite.visitor) || !isAddress(invite.host) || invite.hostKey.length !== 32 || !invite.stun.every((server) => server.startsWith('stun:'))) {
    throw damaged();
  }
  return invite;
}

const damaged = () => new PeerError('invalid_argument', 'The link was cut or changed on the way: copy the whole line again.');
