// Certificates that browsers show each other, and what a description says of them: the one that counts is the one whose hash the other agent signed.
import { areEqual } from './bytes.js';
import { PeerError } from './errors.js';

const LINE = /^a=fingerprint:/i;
const FINGERPRINT = /^a=fingerprint:sha-256 +((?:[0-9a-f]{2}:){31}[0-9a-f]{2})[ \t]*$/i;

const bytesOf = (colons) => Uint8Array.from(colons.split(':'), (pair) => Number.parseInt(pair, 16));

/** A certificate for one session, or for the calls of one page, and its fingerprint: SHA-256, 32 bytes. */
export async function makeCertificate() {
  const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
  const shown = certificate.getFingerprints().find(({ algorithm }) => algorithm.toLowerCase() === 'sha-256');
  return { certificate, fingerprint: bytesOf(shown.value) };
}

/** Refuses a description unless every certificate in it is the one that was signed, and there is at least one. */
export function checkFingerprints(sdp, signed) {
  const lines = sdp.split(/[\r\n]+/).filter((line) => LINE.test(line));
  const isSigned = (line) => {
    const found = FINGERPRINT.exec(line);
    return found !== null && areEqual(bytesOf(found[1]), signed);
  };
  if (lines.length === 0 || !lines.every(isSigned)) {
    throw new PeerError('peer.proof', 'A description names another certificate than the one that was signed. Somebody changed it on the way, or sits in between.');
  }
}
