// Bytes that somebody else made up: each reader refuses them or takes them, and never fails in another way, nor keeps more than its limits.
import assert from 'node:assert/strict';
import { load, mutate, pathOf, seeded } from './stage.mjs';

const { FrameReader } = await load('talks/frames.js');
const { PathBroken, PeerError, plainText } = await load('errors.js');
const wire = await load('talks/transfer-wire.js');
const chat = await load('talks/chat-wire.js');
const { ChatState } = chat;
const { refusePath } = await load('talks/transfer-names.js');

const COUNT = Number(process.env.PARLEY_FUZZ) || 10_000;
const CHUNK = 4096;
const entry = (path, size) => ({ path, kind: 0, size, modified: 1n, stamp: 2n, isExecutable: false });

function manifest() {
  const made = new wire.Manifest(CHUNK);
  made.add({ ...entry('tree', 0), kind: 1 });
  made.add(entry('tree/a', 3 * CHUNK));
  made.add(entry('tree/é', 1));
  return made;
}

const hashes = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const chunk = (await wire.chunkFrame(wire.Kind.CHUNK, 1, 0, new Uint8Array(100))).frame;
const refusal = new PeerError('transfer.file', 'no');
const route = { isMine: true, file: 3, attempt: 1 };
const good = {
  manifest: [...manifest().toFrames()],
  transfer: [
    wire.hello(CHUNK, true), ...wire.planFrames([{ first: 1, count: 1, action: 2, chunks: 2 }], [{ entry: 1, hashes }]), chunk, wire.fileEndFrame({ entry: 1, chunks: 3, size: 9, root: hashes[0] }),
    wire.ackFrame({ entry: 1, chunks: 2, bytes: 3 }), wire.refusalFrame(wire.Kind.ERROR, refusal), wire.refusalFrame(wire.Kind.TARGET_FAILED, refusal, 1),
    wire.resultFrame({ files: 1, bytes: 2, unchanged: 0, failed: 0, hash: hashes[0] }),
  ],
  chat: [
    chat.helloFrame({ speaker: hashes[0].slice(16), first: 1, heard: hashes[1].slice(16), received: 0 }), chat.itemFrame({ number: 1, kind: 1, sent: 5, file: 0, size: 0, text: 'hé' }),
    chat.receivedFrame(0), chat.typingFrame(true), chat.fileFrame(chat.ChatKind.FILE_OPEN, route), chat.creditFrame(route, 5), chat.errorFrame(refusal), chat.bare(chat.ChatKind.BYE),
  ],
};

const takers = {
  manifest() {
    const reader = new wire.ManifestReader(CHUNK);
    return (frame) => reader.take(frame);
  },
  transfer() {
    const plan = new wire.SendPlan(manifest());
    return async ({ kind, content }) => {
      switch (kind) {
        case wire.Kind.HELLO: return wire.readHello(content);
        case wire.Kind.PLAN: return plan.take(content);
        case wire.Kind.HASHES: return plan.takeHashes(content);
        case wire.Kind.CHUNK: return wire.readChunk(content);
        case wire.Kind.FILE_END: return wire.readFileEnd(content);
        case wire.Kind.ACK: return wire.readAck(content);
        case wire.Kind.ERROR: return wire.readRefusal(content, false);
        case wire.Kind.TARGET_FAILED: return wire.readRefusal(content, true);
        case wire.Kind.RESULT: return wire.readResult(content);
        default: return null;
      }
    };
  },
  chat() {
    const state = new ChatState(new Uint8Array(16).fill(7));
    return ({ kind, content }) => {
      switch (kind) {
        case chat.ChatKind.HELLO: return state.begin(chat.readHello(content));
        case chat.ChatKind.ITEM: return state.take(chat.readItem(content));
        case chat.ChatKind.RECEIVED: return state.acknowledge(chat.readReceived(content));
        case chat.ChatKind.TYPING: return chat.readTyping(content);
        case chat.ChatKind.ERROR: return chat.readError(content);
        case chat.ChatKind.FILE_CREDIT: return chat.readCredit(chat.readFile(kind, content).rest);
        default: return kind >= 0x20 && kind <= 0x23 ? chat.readFile(kind, content) : null;
      }
    };
  },
};

const join = (frames) => Uint8Array.from(frames.flatMap((frame) => [...frame]));

for (const [name, frames] of Object.entries(good)) {
  const whole = join(frames);
  let refused = 0;
  for (let number = 0; number < COUNT; number++) {
    const random = seeded(1000 + number);
    const bytes = number === 0 ? whole : number % 5 === 0 ? random.bytes(random.below(200)) : mutate(random, whole);
    const limit = name === 'chat' ? chat.MAX_CONTENT : wire.maxContent(CHUNK);
    const reader = new FrameReader(pathOf(bytes, random), limit);
    const take = takers[name]();
    try {
      for (;;) {
        const frame = await reader.next();
        assert.ok(frame.content.length <= limit);
        await take(frame);
      }
    } catch (error) {
      assert.ok(error instanceof PeerError || error instanceof PathBroken, `${name}, seed ${1000 + number}: ${error.stack}`);
      assert.ok(number > 0 || error instanceof PathBroken, `${name}: the good one was refused: ${error.message}`);
      refused += error instanceof PeerError ? 1 : 0;
    }
  }
  assert.ok(refused > COUNT / 20, `${name}: ${refused} of ${COUNT}`);
  console.log(`ok ${name}: ${refused} of ${COUNT} refused`);
}

// A length that nobody means is refused before anything is kept for it.
const huge = new FrameReader(pathOf(Uint8Array.of(0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)), wire.maxContent(CHUNK));
const before = process.memoryUsage().arrayBuffers;
await assert.rejects(huge.next(), { code: 'protocol.violation' });
assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);

for (let number = 0; number < COUNT; number++) {
  const random = seeded(number);
  const name = String.fromCodePoint(...Array.from({ length: 1 + random.below(12) }, () => (random.below(3) ? 32 + random.below(100) : random.below(0x110000))));
  const shown = plainText(name);
  assert.ok(!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(shown), `seed ${number}`);
  if (refusePath(name) === null) {
    assert.equal(shown, name, `seed ${number}`);
    assert.ok(!name.split('/').some((part) => part === '..' || part === '.' || part === ''), `seed ${number}`);
  }
}
console.log('nothing got through');
process.exit(0);
