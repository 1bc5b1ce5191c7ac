// Transfers between two of the page's own ends: whole, over paths that break, declined, stopped, and with words that no transfer says.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { load, pathPair, run, seeded, sessionPair } from './stage.mjs';

const { TransferSender, offerOf } = await load('talks/transfer-send.js');
const { TransferReceiver } = await load('talks/transfer-receive.js');
const { Partials } = await load('talks/transfer-intake.js');
const { FileStore } = await load('talks/transfer-store.js');
const { Progress, stopped } = await load('talks/transfer-talk.js');
const wire = await load('talks/transfer-wire.js');

const CHUNK = 4096;
const patience = { maxSilence: 20_000, maxIdle: 5, decision: 10_000 };
const random = seeded(7);
const noise = (length) => random.bytes(length);
const fileOf = (name, bytes) => new File([bytes], name, { lastModified: 1_700_000_000_000 });
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

async function transfer(picked, { cut, delay, decide = async () => true, partials, signal = new AbortController().signal, progress, silence, store = new FileStore() } = {}) {
  const patient = { ...patience, maxSilence: silence ?? patience.maxSilence };
  const pair = sessionPair(cut, delay);
  const offer = await offerOf(picked, CHUNK);
  const sender = new TransferSender(pair.opener, offer, progress, patient);
  const receiver = new TransferReceiver(pair.acceptor, store, decide, new Progress(), partials, patient);
  const sending = sender.send(signal).finally(() => pair.opener.close());
  const receiving = receiver.receive(new AbortController().signal).finally(() => pair.acceptor.close());
  const [sent, received] = await Promise.allSettled([sending, receiving]);
  return { sent, received, paths: pair.state.paths };
}

const tests = {
  async 'files, a folder and an empty one arrive, with the hash of the list'() {
    const large = noise(10 * CHUNK + 17);
    const { sent, received } = await transfer([{ path: 'tree/large.bin', file: fileOf('large.bin', large) }, { path: 'tree/none', file: fileOf('none', new Uint8Array()) }, { path: 'tree/empty' }, { path: 'tree/sub/é.txt', file: fileOf('é.txt', 'hi') }]);
    assert.deepEqual([sent.status, received.status], ['fulfilled', 'fulfilled'], `${sent.reason?.stack} ${received.reason?.stack}`);
    assert.deepEqual(received.value.received.map(({ path }) => path), ['tree/large.bin', 'tree/none', 'tree/sub/é.txt']);
    assert.deepEqual(received.value.folders.map(({ path }) => path), ['tree', 'tree/empty', 'tree/sub']);
    assert.equal(sha(await bytesOf(received.value.received[0].blob)), sha(large));
    const list = `${sha(large)}  tree/large.bin\n${sha('')}  tree/none\n${sha('hi')}  tree/sub/é.txt\n`;
    assert.equal(hex(sent.value.hash), sha(list));
    assert.deepEqual([sent.value.files, sent.value.bytes, sent.value.failed], [3, large.length + 2, 0]);
  },

  async 'paths that break anywhere come to the same bytes, and nothing that arrived travels again'() {
    const large = noise(300 * CHUNK);
    for (let seed = 0; seed < 20; seed++) {
      const cuts = seeded(seed);
      const { sent, received, paths } = await transfer([{ path: 'a', file: fileOf('a', large) }, { path: 'b', file: fileOf('b', 'b') }], { cut: () => 2000 + cuts.below(300_000) });
      assert.equal(sent.status, 'fulfilled', `seed ${seed}: ${sent.reason?.stack}`);
      assert.equal(hex(received.value.received[0].hash), sha(large), `seed ${seed}`);
      assert.ok(paths > 2);
    }
  },

  async 'five paths in a row without a byte end it'() {
    const { sent, received, paths } = await transfer([{ path: 'a', file: fileOf('a', noise(CHUNK)) }], { cut: () => 20 });
    assert.equal(sent.reason.code, 'agent.offline');
    assert.equal(received.reason.code, 'agent.offline');
    assert.ok(paths <= 7);
  },

  async 'who is asked sees the manifest first, and may decline'() {
    let seen;
    const { sent, received } = await transfer([{ path: 'x', file: fileOf('x', 'y') }], { decide: async (offer) => { seen = offer.entries[0].path; return false; } });
    assert.deepEqual([seen, sent.reason.code, received.reason.code], ['x', 'transfer.declined', 'transfer.declined']);
  },

  async 'a sender that stops while somebody decides takes the question away, and a slow answer breaks nothing'() {
    const stop = new AbortController();
    let wasAsked;
    const asked = new Promise((resolve) => { wasAsked = resolve; });
    const undecided = transfer([{ path: 'x', file: fileOf('x', 'y') }], { decide: () => { wasAsked(); return new Promise(() => {}); }, signal: stop.signal });
    await asked;
    stop.abort(stopped());
    const { received } = await undecided;
    assert.deepEqual([received.reason.code, received.reason.message.includes('stopped')], ['canceled', true]);
    const slow = await transfer([{ path: 'x', file: fileOf('x', 'y') }], { decide: () => new Promise((resolve) => setTimeout(resolve, 1500, true)), silence: 400 });
    assert.equal(slow.received.value?.files, 1, slow.received.reason?.stack);
    assert.equal(slow.paths, 1);
  },

  async 'stopped by its user it tells the other end, and a later one goes on where it was'() {
    const large = noise(2000 * CHUNK);
    const partials = new Partials();
    const stop = new AbortController();
    const progress = new Progress(({ bytes }) => bytes > 20 * CHUNK && stop.abort(stopped()));
    const picked = [{ path: 'a', file: fileOf('a', large) }];
    const first = await transfer(picked, { partials, signal: stop.signal, progress, delay: 20 });
    assert.deepEqual([first.sent.reason.code, first.received.reason.code], ['canceled', 'canceled']);
    assert.match(first.received.reason.message, /goes on where it was/);
    let atStart = 0;
    const again = await transfer(picked, { partials, progress: new Progress(({ bytes }) => { atStart ||= bytes; }) });
    assert.equal(hex(again.received.value.hash), sha(large));
    assert.ok(atStart > 20 * CHUNK, `${atStart}`);
  },

  async 'what is half here needs no room again'() {
    const [large, partials, stop] = [noise(2000 * CHUNK), new Partials(), new AbortController()];
    const progress = new Progress(({ bytes }) => bytes > 20 * CHUNK && stop.abort(stopped()));
    const picked = [{ path: 'a', file: fileOf('a', large) }];
    await transfer(picked, { partials, signal: stop.signal, progress, delay: 20 });
    const store = new FileStore();
    store.room = async () => large.length - 10 * CHUNK;
    const again = await transfer(picked, { partials, store });
    assert.equal(hex(again.received.value?.hash ?? ''), sha(large), again.received.reason?.stack);
    const other = await transfer([{ path: 'b', file: fileOf('b', large) }], { partials, store });
    assert.equal(other.received.reason?.code, 'transfer.space');
  },

  async 'a file that fails at the sender is told, and the others arrive'() {
    const bad = fileOf('bad', noise(3 * CHUNK));
    bad.slice = () => ({ arrayBuffer: async () => { throw new DOMException('gone', 'NotReadableError'); } });
    const { sent, received } = await transfer([{ path: 'bad', file: bad }, { path: 'good', file: fileOf('good', 'x') }]);
    assert.deepEqual([sent.value.files, sent.value.failed, received.value.failures[0].error.code], [1, 1, 'transfer.changed']);
  },

  async 'a file that fails at the receiver is told, and the others arrive'() {
    const store = new FileStore();
    const pair = sessionPair();
    const open = store.open.bind(store);
    store.open = async (entry) => { if (entry.path === 'bad') { throw Object.assign(new Error('no'), { code: 'transfer.file' }); } return open(entry); };
    const offer = await offerOf([{ path: 'bad', file: fileOf('bad', noise(9 * CHUNK)) }, { path: 'good', file: fileOf('good', 'x') }], CHUNK);
    const { signal } = new AbortController();
    const [sent] = await Promise.all([new TransferSender(pair.opener, offer, undefined, patience).send(signal), new TransferReceiver(pair.acceptor, store, async () => true).receive(signal)]);
    assert.deepEqual([sent.files, sent.failed, sent.failures[0].path], [1, 1, 'bad']);
  },

  async 'names that are no names are not sent, and the file is named'() {
    for (const path of ['a:b', '../x', 'x/../y', 'con.txt', 'a\u202eb', 'end.', '.parley-x', 'a\nb']) {
      await assert.rejects(offerOf([{ path, file: fileOf('x', '') }]), (error) => error.code === 'transfer.path' && error.message.includes('rename it'), path);
    }
    await assert.rejects(offerOf([{ path: 'A', file: fileOf('A', '') }, { path: 'a', file: fileOf('a', '') }]), /ignore case/);
  },

  async 'a browser, which takes whatever arrives into its memory, says how much may be on its way to it'() {
    const [left, right] = pathPair();
    const session = { agent: 'a.b', nextPath: once(right), onclose() {} };
    const stop = new AbortController();
    const receiving = new TransferReceiver(session, new FileStore(), async () => true, undefined, undefined, patience).receive(stop.signal);
    await left.write(wire.hello(CHUNK, false));
    const hello = await left.read();
    assert.deepEqual([hello[0], hello.length], [wire.Kind.HELLO, 8 + 13]);
    assert.equal(new DataView(hello.buffer, hello.byteOffset).getInt32(8 + 9), 16 << 20);
    stop.abort(stopped());
    await assert.rejects(receiving);
  },

  async 'a hostile name, a wrong hash, a chunk out of place and a silent end are refused'() {
    for (const [frames, code] of hostile()) {
      const [left, right] = pathPair();
      const session = { agent: 'a.b', nextPath: once(right), onclose() {} };
      const receiving = new TransferReceiver(session, new FileStore(), async () => true, undefined, undefined, { ...patience, maxSilence: 400, maxIdle: 0 }).receive(new AbortController().signal);
      for (const frame of frames) {
        await left.write(await frame).catch(() => {});
      }
      await assert.rejects(Promise.all([receiving, drain(left)]), (error) => error.code === code, code);
    }
  },
};

const once = (path) => { let isTaken = false; return async () => { if (isTaken) { throw Object.assign(new Error('over'), { code: 'over' }); } isTaken = true; return path; }; };
async function drain(path) {
  for (let piece; (piece = await path.read().catch(() => null)); ) {
    if (piece[0] === wire.Kind.ERROR) {
      path.close();
    }
  }
  await new Promise(() => {});
}

function manifestFrames(entries) {
  const manifest = new wire.Manifest(CHUNK);
  const plain = { kind: 0, size: 0, modified: 0n, stamp: 0n };
  // Past the checks of an honest sender.
  entries.forEach((entry) => { manifest.entries.push({ ...plain, ...entry }); });
  return [wire.hello(CHUNK, false), ...manifest.toFrames()];
}

function hostile() {
  const chunk = (...values) => wire.chunkFrame(...values).then(({ frame }) => frame);
  const wrong = async () => { const frame = await chunk(wire.Kind.WHOLE, 0, 0, Uint8Array.of(1)); frame[48] = 2; return frame; };
  const file = [{ path: 'x', size: 3 * CHUNK }];
  return [
    [manifestFrames([{ path: '<img src=x>' }]), 'transfer.path'],
    [manifestFrames([{ path: '../up' }]), 'transfer.path'],
    [manifestFrames([{ path: 'a/b' }]), 'transfer.path'],
    [manifestFrames([{ path: 'a' }, { path: 'A' }]), 'transfer.path'],
    [manifestFrames([{ path: 'a', size: -1 }]), 'protocol.violation'],
    [manifestFrames([{ path: 'a', size: 2 ** 53 }]), 'message.too_large'],
    [[...manifestFrames([{ path: 'x', size: 1 }]), wrong()], 'integrity.failed'],
    [[...manifestFrames(file), chunk(wire.Kind.CHUNK, 0, 1, new Uint8Array(CHUNK))], 'protocol.violation'],
    [[...manifestFrames(file), chunk(wire.Kind.CHUNK, 0, 0, new Uint8Array(7))], 'protocol.violation'],
    [[...manifestFrames(file), chunk(wire.Kind.CHUNK, 1, 0, new Uint8Array(CHUNK))], 'protocol.violation'],
    [[...manifestFrames(file), wire.sameFrame(0, 0, 3)], 'protocol.violation'],
    [[...manifestFrames(file), wire.bare(wire.Kind.HELLO)], 'protocol.violation'],
    [[...manifestFrames(file), wire.bare(wire.Kind.BYE)], 'protocol.violation'],
    [[wire.hello(CHUNK + 1, false)], 'protocol.violation'],
    [[Uint8Array.of(1, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff)], 'protocol.violation'],
    [[wire.hello(CHUNK, false)], 'agent.offline'],
  ];
}

await run(tests, 'all transfers well');
