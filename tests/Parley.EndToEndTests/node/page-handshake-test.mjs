// Two pages prove themselves to each other; a word that is changed on the way ends it. Argument: the page's folder.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

const module = (name) => import(pathToFileURL(`${process.argv[2]}/${name}.js`));
const [{ Handshake }, { Identity }, { PeerError }, { checkFingerprints }, { trustOf }] = await Promise.all(['handshake', 'identity', 'errors', 'certificate', 'pins'].map(module));

const end = async (address) => ({ hub: 'hub', address, identity: (await Identity.make()).identity });
const [alice, bob] = [await end('local.alice'), await end('local.bob')];
const session = new Uint8Array(16).fill(9);
const [none, dtls] = [new Uint8Array(0), new Uint8Array(32).fill(5)];
const refused = (code) => (error) => error instanceof PeerError && error.code === code;

async function meet(change = {}) {
  const opener = await Handshake.open(alice, 4, session, dtls);
  const acceptor = await Handshake.accept(bob, 4, session, none, { ...opener.offer, ...change.offer }, change.opener ?? 'local.alice');
  await opener.takeAnswer({ ...acceptor.answer, ...change.answer }, change.acceptor ?? 'local.bob');
  await acceptor.takeConfirm({ ...opener.confirmation, ...change.confirm });
  return [await opener.seals(), await acceptor.seals(), opener, acceptor];
}

const [one, other, opener, acceptor] = await meet();
assert.deepEqual(acceptor.remote.dtls, dtls);
assert.deepEqual(opener.remote.identity, bob.identity.publicKey);

const said = await one.own.seal(new Uint8Array([1, 2, 3]));
await one.own.seal(new Uint8Array([4]));
const third = await one.own.seal(new Uint8Array([5]));
assert.deepEqual(await other.other.open(said), new Uint8Array([1, 2, 3]));
assert.deepEqual(await other.other.open(third), new Uint8Array([5]), 'a gap is a lost signal');
await assert.rejects(other.other.open(third), refused('peer.proof'), 'repeated');
await assert.rejects(one.other.open(said), refused('peer.proof'), 'sent back');
await assert.rejects(other.other.open({ counter: 9, sealed: third.sealed }), refused('peer.proof'), 'renumbered');

const stranger = await end('local.eve');
const fresh = (await Handshake.open(stranger, 4, session, dtls)).offer;
for (const [what, change, code] of [
  ['another fresh key in the offer', { offer: { key: fresh.key } }, 'peer.proof'],
  ['another certificate in the offer', { offer: { dtlsFingerprint: new Uint8Array(32) } }, 'peer.proof'],
  ['another identity in the offer', { offer: { identity: fresh.identity } }, 'peer.proof'],
  ['a version that was pressed down', { offer: { versionMin: 0 } }, 'peer.proof'],
  ['a version that nobody speaks', { offer: { versionMin: 2, versionMax: 3 } }, 'protocol.version'],
  ['another certificate in the answer', { answer: { dtlsFingerprint: dtls } }, 'peer.proof'],
  ['another identity in the answer', { answer: { identity: fresh.identity } }, 'peer.proof'],
  ['no signature', { answer: { signature: undefined } }, 'peer.proof'],
  ['a key of a small order', { answer: { key: new Uint8Array(32) } }, 'peer.proof'],
  ['a key that is too short', { answer: { key: new Uint8Array(31) } }, 'protocol.violation'],
  ['the own offer sent back', { answer: { from: 'local.bob', identity: alice.identity.publicKey } }, 'peer.proof'],
  ['another name than the hub says', { acceptor: 'local.eve' }, 'peer.proof'],
  ['another proof of the opener', { confirm: { mac: new Uint8Array(32) } }, 'peer.proof'],
]) {
  await assert.rejects(meet(change), refused(code), what);
}

const visit = { host: 'local.alice', hostKey: alice.identity.publicKey };
assert.equal(trustOf(visit, 'local.alice', alice.identity.publicKey), 'invited');
assert.throws(() => trustOf(visit, 'local.alice', bob.identity.publicKey), refused('peer.key_changed'));
assert.throws(() => trustOf(visit, 'local.bob', alice.identity.publicKey), refused('peer.key_changed'));

const line = `a=fingerprint:sha-256 ${Array(32).fill('05').join(':')}\r\n`;
checkFingerprints(`v=0\r\n${line}${line}`, dtls);
for (const sdp of ['v=0\r\n', `${line}a=fingerprint:sha-256 ${Array(32).fill('06').join(':')}\r\n`, line.replace('sha-256', 'sha-1'), `${line}a=fingerprint:sha-1 05:05\r\n`]) {
  assert.throws(() => checkFingerprints(sdp, dtls), refused('peer.proof'));
}
console.log('proved, or refused');
