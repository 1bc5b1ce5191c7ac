// Two pages on connections that only keep the states of RFC 8829: they agree whoever begins, also when both do at once.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

const { Negotiation, framesOf, pathOf } = await import(pathToFileURL(process.argv[2]));

class Connection {
  signalingState = 'stable';
  localDescription = null;
  candidates = [];
  agreed = 0;

  async setLocalDescription() {
    await null;
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    this.localDescription = { type, sdp: `sdp of a ${type}` };
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
    this.agreed += type === 'answer' ? 1 : 0;
  }

  async setRemoteDescription({ type }) {
    await null;
    if (type === 'answer') {
      assert.equal(this.signalingState, 'have-local-offer');
      this.signalingState = 'stable';
      this.agreed++;
    } else {
      // An own offer is rolled back.
      this.signalingState = 'have-remote-offer';
    }
  }

  async addIceCandidate(candidate) {
    if (this.signalingState === 'have-local-offer' && !this.localDescription) {
      throw new Error('no description');
    }
    this.candidates.push(candidate);
  }

  restartIce() {
    this.onnegotiationneeded();
  }
}

async function run(begin) {
  const [left, right] = [new Connection(), new Connection()];
  const fail = (error) => { throw error; };
  const wire = [];
  const polite = new Negotiation(left, true, (signal) => wire.push(['right', signal]), fail);
  const rude = new Negotiation(right, false, (signal) => wire.push(['left', signal]), fail);
  begin(left, right, polite);
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const [to, signal] of wire.splice(0)) {
      (to === 'left' ? polite : rude).take(signal);
    }
  }
  assert.equal(left.signalingState, 'stable');
  assert.equal(right.signalingState, 'stable');
  return [left, right];
}

for (const begin of [
  (left) => left.onnegotiationneeded(),
  (left, right) => right.onnegotiationneeded(),
  (left, right) => { left.onnegotiationneeded(); right.onnegotiationneeded(); },
  (left, right, polite) => polite.restart(),
]) {
  const [left, right] = await run(begin);
  assert.ok(left.agreed >= 1 && right.agreed >= 1);
}

const [, heard] = await run((left) => {
  left.onnegotiationneeded();
  left.onicecandidate({ candidate: { candidate: 'a', toJSON: () => ({ candidate: 'a' }) } });
  left.onicecandidate({ candidate: null });
});
assert.deepEqual(heard.candidates, [{ candidate: 'a' }, undefined]);

const reports = new Map([
  ['t', { type: 'transport', selectedCandidatePairId: 'p' }],
  ['p', { localCandidateId: 'l', remoteCandidateId: 'r' }],
  ['l', { candidateType: 'host', protocol: 'udp' }],
  ['r', { candidateType: 'srflx', protocol: 'udp' }],
  ['o', { type: 'outbound-rtp', kind: 'video', framesSent: 3 }],
  ['i', { type: 'inbound-rtp', kind: 'video', framesDecoded: 4 }],
  ['a', { type: 'inbound-rtp', kind: 'audio' }],
]);
assert.equal(pathOf(reports), 'direct UDP (host to srflx)');
assert.deepEqual(framesOf(reports), { framesSent: 3, framesReceived: 4 });
reports.get('l').candidateType = 'relay';
assert.equal(pathOf(reports), 'relayed by TURN UDP (relay to srflx)');
assert.equal(pathOf(new Map()), '');
console.log('all agree');
