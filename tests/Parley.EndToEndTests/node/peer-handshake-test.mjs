// Holds the handshake of the hub's page, whose folder comes second, against the one that ours wrote down.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const module = (name) => import(pathToFileURL(`${process.argv[3]}/${name}.js`));
const [{ concat }, { phraseOf }, { proofOf, secretsOf }] = await Promise.all(['bytes', 'phrase', 'handshake'].map(module));

const vector = Object.fromEntries(readFileSync(process.argv[2], 'utf8').trimEnd().split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
const bytes = (name) => new Uint8Array(Buffer.from(vector[name], 'hex'));
const hex = (value) => Buffer.from(value).toString('hex');
const { subtle } = globalThis.crypto;

// A private key as PKCS 8 has it (RFC 8410): the prefix names the curve.
const secret = (prefix, seed) => concat(new Uint8Array(Buffer.from(prefix, 'hex')), seed);
const signing = (name) => subtle.importKey('pkcs8', secret('302e020100300506032b657004220420', bytes(name)), 'Ed25519', false, ['sign']);
const agreeing = (name) => subtle.importKey('pkcs8', secret('302e020100300506032b656e04220420', bytes(name)), 'X25519', false, ['deriveBits']);

const party = (role) => ({ address: vector[role], identity: bytes(`${role}-identity`), key: bytes(`${role}-key`), tls: bytes(`${role}-tls`), dtls: new Uint8Array() });
const said = { hub: vector.hub, purpose: Number(vector.purpose), session: bytes('session'), versionMin: 1, versionMax: 1, version: 1, opener: party('opener'), acceptor: party('acceptor') };

const agree = async (own, theirs) => new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: await subtle.importKey('raw', said[theirs].key, 'X25519', false, []) }, await agreeing(`${own}-fresh`), 256));
const [opener, acceptor] = [await secretsOf(await agree('opener', 'acceptor'), said), await secretsOf(await agree('acceptor', 'opener'), said)];

for (const [role, number] of [['opener', 1], ['acceptor', 2]]) {
  const proof = proofOf(number, said);
  assert.equal(hex(await subtle.sign('Ed25519', await signing(`${role}-seed`), proof)), vector[`${role}-signature`]);
  assert.ok(await subtle.verify('Ed25519', await subtle.importKey('raw', said[role].identity, 'Ed25519', false, ['verify']), bytes(`${role}-signature`), proof));
  assert.equal(hex(await acceptor.confirm(role === 'opener')), vector[`${role}-mac`]);
}

const [sealing, opening] = [await opener.seal('opener'), await acceptor.seal('opener')];
await sealing.seal(new TextEncoder().encode('first'));
const sealed = await sealing.seal(new TextEncoder().encode(vector['sealed-text']));
assert.equal(hex(sealed.sealed), vector['sealed-2']);
assert.equal(new TextDecoder().decode(await opening.open({ counter: 2, sealed: bytes('sealed-2') })), vector['sealed-text']);
await assert.rejects(opening.open({ counter: 2, sealed: bytes('sealed-2') }));
await assert.rejects(secretsOf(new Uint8Array(32), said));
assert.equal(await phraseOf(said.hub, said.opener, said.acceptor), vector.phrase);
assert.equal(await phraseOf(said.hub, said.acceptor, said.opener), vector.phrase);
console.log('the same to the byte');
