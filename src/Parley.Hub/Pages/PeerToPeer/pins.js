// Whose key counts: the host's, as it stood in the link. Nobody else is met.
import { areEqual } from './bytes.js';
import { PeerError, plainText } from './errors.js';

/** How the key of the other end is known: 'invited', or 'verified' once a person compared the phrase. Throws when it is another one. */
export function trustOf(visit, address, key) {
  if (address !== visit.host || !areEqual(key, visit.hostKey)) {
    throw new PeerError('peer.key_changed', `${plainText(address)} is not proved by the key of the link: ${visit.host} was enrolled anew, or somebody pretends to be it. Ask for another link.`);
  }
  return visit.isVerified ? 'verified' : 'invited';
}
