// The page's readers take whatever comes: they give a message or refuse it, within bounds. Arguments: the page's folder, how many inputs, a seed.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

const [folder, count, seed] = [process.argv[2], Number(process.argv[3] ?? 10_000), Number(process.argv[4] ?? 1)];
const module = (name) => import(pathToFileURL(`${folder}/${name}.js`));
const [{ Frame, FrameReader, MAX_FRAME, PeerNote, PeerSignal, UdpDescription, UdpSignal, frameBytes }, { readInvite }, { PeerError }] = await Promise.all(['wire', 'invite', 'errors'].map(module));

// A small generator with a seed (mulberry32): a failure can be looked at again.
let state = seed;
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const below = (limit) => Math.floor(random() * limit);
const bytes = (length) => Uint8Array.from({ length }, () => below(256));

const samples = [
  [Frame, { hello: { versionMin: 1, versionMax: 1, agent: 'local.bob', role: 2, nonce: bytes(32), software: 'x', home: bytes(16), capabilities: ['peer:probe', 'peer:chat'] } }],
  [Frame, { signal: { session: bytes(16), from: 'local.alice', fromEnd: bytes(16), purpose: 4, attempt: 3, payload: bytes(300) } }],
  [Frame, { signalRefusal: { session: bytes(16), code: 'agent.offline', message: 'nobody', retryAfterMs: 1500, circuit: 2 } }],
  [Frame, { goodbye: { code: 'link.proof', message: 'no', mayReturn: true } }],
  [PeerSignal, { offer: { versionMin: 1, versionMax: 1, from: 'local.alice', identity: bytes(32), key: bytes(32), dtlsFingerprint: bytes(32) } }],
  [PeerSignal, { sealed: { counter: 2 ** 32, sealed: bytes(77) } }],
  [PeerNote, { pathOffer: { attempt: 7, paths: [{ kind: 2, description: bytes(90) }, { kind: 1, description: bytes(3) }] } }],
  [PeerNote, { application: bytes(2000) }],
  [UdpDescription, { machine: bytes(32), offer: 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n' }],
  [UdpSignal, { answer: 'v=0\r\n', candidates: ['candidate:1 1 udp 1 192.0.2.1 1000 typ host', 'candidate:2'], isAll: true }],
];

for (const [codec, message] of samples) {
  assert.deepEqual(codec.decode(codec.encode(message)), message, 'what is written is read');
}

function damage(whole) {
  const copy = whole.slice();
  for (let times = 1 + below(4); times > 0; times--) {
    copy[below(copy.length)] = below(256);
  }
  return copy.subarray(0, random() < 0.3 ? below(copy.length) : copy.length);
}

function refusesOrReads(read, what, Refusal = RangeError) {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof Refusal, `${what}, seed ${seed}: ${error?.stack}`);
    return undefined;
  }
}

for (let index = 0; index < count; index++) {
  const [codec, message] = samples[below(samples.length)];
  const input = random() < 0.3 ? bytes(below(200)) : damage(codec.encode(message));
  const read = refusesOrReads(() => codec.decode(input), `input ${index}`);
  const size = JSON.stringify(read ?? null, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value)).length;
  assert.ok(size <= 4000 + input.length * 20, `input ${index} of ${input.length} bytes grew to ${size}, seed ${seed}`);
}

// A stream that is cut anywhere gives the same frames; a length that nobody could want is refused before anything is kept for it.
const stream = Buffer.concat(samples.filter(([codec]) => codec === Frame).map(([, message]) => frameBytes(message)));
for (let index = 0; index < Math.max(50, count / 100); index++) {
  const reader = new FrameReader();
  const frames = [];
  for (let at = 0; at < stream.length;) {
    const end = at + 1 + below(90);
    frames.push(...reader.take(new Uint8Array(stream.subarray(at, end))));
    at = end;
  }
  assert.deepEqual(frames, samples.filter(([codec]) => codec === Frame).map(([, message]) => message), `cut stream, seed ${seed}`);
}
const long = new Uint8Array(5);
new DataView(long.buffer).setUint32(1, MAX_FRAME + 1);
assert.throws(() => new FrameReader().take(long), RangeError);
assert.throws(() => new FrameReader().take(Uint8Array.of(1, 0, 0, 0, 0)), RangeError);
assert.throws(() => UdpSignal.decode(Uint8Array.from({ length: 20_000 }, (_, at) => (at % 2 === 0 ? 0x12 : 0))), RangeError, 'endless lists are refused');

for (let index = 0; index < Math.max(200, count / 20); index++) {
  const text = random() < 0.5 ? Buffer.from(bytes(below(300))).toString('base64url') : String.fromCharCode(...bytes(below(60)));
  await assert.rejects(readInvite(text), PeerError, `invite ${index}, seed ${seed}`);
}

console.log(`${count} inputs, seed ${seed}: all read or refused`);
