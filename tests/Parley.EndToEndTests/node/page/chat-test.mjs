// Chats between two of the page's own ends: said once over paths that break, files by offer, both ends asking at once, and words that no chat says.
import assert from 'node:assert/strict';
import { load, pathPair, run, seeded, sessionPair } from './stage.mjs';

const { ChatTalk } = await load('talks/chat.js');
const { Rendezvous } = await load('talks/rendezvous.js');
const { TransferSender, offerOf } = await load('talks/transfer-send.js');
const { TransferReceiver } = await load('talks/transfer-receive.js');
const { FileStore } = await load('talks/transfer-store.js');
const wire = await load('talks/chat-wire.js');
const { PeerError } = await load('errors.js');

const patience = { maxSilence: 20_000, maxIdle: 5 };

function endOf(session, seed) {
  const end = { items: [], received: 0, typing: [], lost: 0, starts: 0, shown: () => {} };
  const events = {
    onSession() {}, onPath() {}, onLost() { end.lost++; }, onItem(item) { end.items.push(item); end.shown(item); }, onReceived(number) { end.received = number; }, onTyping(on) { end.typing.push(on); },
    onStartedAnew() { end.starts++; },
  };
  let hasMet = false;
  const rendezvous = {
    async meet() {
      if (hasMet) {
        throw new PeerError('not_found', 'Once.');
      }
      hasMet = true;
      return session;
    },
    replaced: (session, hasHeard, signal) => new Promise((_, reject) => { signal.addEventListener('abort', () => reject(signal.reason)); }),
  };
  end.talk = new ChatTalk(rendezvous, events, patience, seeded(seed).bytes(16));
  end.texts = () => end.items.map(({ text }) => text);
  return end;
}

function stage(cut, delay) {
  const pair = sessionPair(cut, delay);
  const [alice, bob] = [endOf(pair.opener, 1), endOf(pair.acceptor, 2)];
  const { signal } = new AbortController();
  alice.running = alice.talk.run(signal);
  bob.running = bob.talk.run(signal);
  alice.running.catch(() => {});
  bob.running.catch(() => {});
  return { alice, bob, pair };
}

async function until(isThere, what) {
  for (let turn = 0; !isThere(); turn++) {
    assert.ok(turn < 1000, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const tests = {
  async 'what is said arrives once and in order over paths that break anywhere'() {
    for (let seed = 0; seed < 10; seed++) {
      const random = seeded(seed);
      const { alice, bob, pair } = stage((number) => (number > 15 ? Infinity : 150 + random.below(2000)));
      const words = Array.from({ length: 100 }, (_, index) => `word ${index}`);
      for (const word of words) {
        alice.talk.say(word);
        bob.talk.say(word);
        await null;
      }
      await until(() => alice.received === 100 && bob.received === 100, `seed ${seed}`);
      assert.deepEqual([alice.texts(), bob.texts()], [words, words]);
      assert.ok(pair.state.paths > 1);
      alice.talk.leave();
      await Promise.all([alice.running, bob.running]);
    }
  },

  async 'who types is seen to, and who leaves ends both'() {
    const { alice, bob } = stage();
    alice.talk.say('hi');
    alice.talk.type(true);
    await until(() => bob.typing.length === 1, 'typing');
    alice.talk.type(false);
    await until(() => bob.typing.length === 2, 'typing over');
    bob.talk.leave();
    await Promise.all([alice.running, bob.running]);
    assert.deepEqual(bob.typing, [true, false]);
  },

  async 'a file that is taken arrives while messages pass it, also over paths that break'() {
    const bytes = seeded(3).bytes(3 << 20);
    for (const cut of [() => Infinity, (number) => (number > 4 ? Infinity : 400_000 + 100_000 * number)]) {
      const { alice, bob } = stage(cut);
      const number = alice.talk.offer('notes.bin', bytes.length);
      await until(() => bob.items.length === 1, 'the offer');
      const { signal } = new AbortController();
      const theirs = bob.talk.openFile(false, number);
      const receiving = new TransferReceiver(theirs, new FileStore(), async () => true).receive(signal).finally(() => theirs.close());
      bob.talk.answer(number, true);
      await until(() => alice.items.length === 1, 'the answer');
      assert.equal(alice.items[0].kind, wire.Item.TAKEN);
      const mine = alice.talk.openFile(true, alice.items[0].file);
      const sending = new TransferSender(mine, await offerOf([{ path: 'notes.bin', file: new File([bytes], 'notes.bin') }], 64 << 10)).send(signal).finally(() => mine.close());
      alice.talk.say('on its way');
      const [sent, received] = await Promise.all([sending, receiving]);
      assert.deepEqual([sent.files, new Uint8Array(await received.received[0].blob.arrayBuffer()).length], [1, bytes.length]);
      await until(() => bob.texts().includes('on its way'), 'the message');
      alice.talk.leave();
      await bob.running;
    }
  },

  async 'a file that is given up ends for the other end too, and a way that nobody expects is closed'() {
    const { alice, bob } = stage();
    const number = alice.talk.offer('x', 1);
    await until(() => bob.items.length === 1, 'the offer');
    const { signal } = new AbortController();
    const mine = alice.talk.openFile(true, number);
    const way = await mine.nextPath({ signal });
    assert.equal(await way.read(), null);
    const theirs = bob.talk.openFile(false, number);
    const waiting = theirs.nextPath({ signal });
    mine.close();
    await assert.rejects(waiting, { code: 'agent.offline' });
  },

  async 'files of a program that was started anew begin anew, and what the former one had under way ends'() {
    const { end, next } = overPathsOf();
    const first = await next(7);
    await first.write(wire.itemFrame({ number: 1, kind: wire.Item.OFFER, sent: 1, file: 0, size: 1, text: 'x' }));
    await until(() => end.items.length === 1, 'the offer');
    const { signal } = new AbortController();
    const former = end.talk.openFile(false, 1);
    const waiting = former.nextPath({ signal });
    first.close();
    const second = await next(8);
    await assert.rejects(waiting, { code: 'agent.offline' });
    assert.equal(end.starts, 1);
    const file = end.talk.openFile(false, 1);
    assert.notEqual(file, former);
    await former.close();
    await second.write(wire.fileFrame(wire.ChatKind.FILE_OPEN, { isMine: true, file: 1, attempt: 1 }));
    assert.equal((await file.nextPath({ signal })).route.file, 1);
    end.talk.leave();
  },

  async 'that an own file is done is said again on each later path'() {
    const { end, next } = overPathsOf();
    const first = await next(7);
    end.talk.offer('x', 1);
    const file = end.talk.openFile(true, 1);
    first.close();
    await until(() => end.lost === 1, 'the break');
    await file.close();
    const second = await next(7);
    for (let piece; (piece = await second.read()); ) {
      if (piece[0] === wire.ChatKind.FILE_CLOSE) {
        assert.deepEqual([...piece.subarray(8)], [...wire.doneFrame(1).subarray(8)]);
        end.talk.leave();
        return;
      }
    }
    assert.fail('nothing was said of the file');
  },

  async 'what breaks the rules ends the chat with a word'() {
    const hello = (values) => wire.helloFrame({ speaker: new Uint8Array(16).fill(9), first: 1, heard: new Uint8Array(16), received: 0, ...values });
    const item = (number) => wire.itemFrame({ number, kind: 1, sent: 1, file: 0, size: 0, text: 'x' });
    for (const frames of [
      [wire.bare(wire.ChatKind.BYE)], [hello({ speaker: new Uint8Array(16) })], [hello({ first: 0 })], [hello(), item(2)], [hello(), wire.receivedFrame(1)],
      [hello(), Uint8Array.of(0x02, 0, 0, 0, 0, 1, 0, 1)], [hello(), wire.fileFrame(wire.ChatKind.FILE_BYTES, { isMine: true, file: 0, attempt: 1 })],
      [hello(), Uint8Array.of(0x02, 0, 1, 0, 0, 0, 0, 0)], [hello({ heard: seeded(1).bytes(16), received: 5 })],
    ]) {
      const [left, right] = pathPair();
      const end = endOf({ agent: 'a.b', nextPath: async () => right, close() {} }, 1);
      const running = end.talk.run(new AbortController().signal);
      for (const frame of frames) {
        await left.write(frame);
      }
      await assert.rejects(running, { code: 'protocol.violation' });
    }
  },

  async 'what is said again is acknowledged again and not shown again, and what a newer program says is not shown'() {
    const [left, right] = pathPair();
    const end = endOf({ agent: 'a.b', nextPath: async () => right, close() {} }, 1);
    const running = end.talk.run(new AbortController().signal);
    const item = (number, kind) => wire.itemFrame({ number, kind, sent: 1, file: 0, size: 0, text: `${number}` });
    await left.write(wire.helloFrame({ speaker: new Uint8Array(16).fill(9), first: 1, heard: new Uint8Array(16), received: 0 }));
    for (const frame of [item(1, 1), item(1, 1), item(2, 9), Uint8Array.of(0x77, 0, 0, 0, 0, 0, 0, 1, 5), item(3, 1)]) {
      await left.write(frame);
    }
    await until(() => end.items.length === 2, 'the items');
    assert.deepEqual(end.texts(), ['1', '3']);
    let last = 0;
    for (let piece; last < 3 && (piece = await left.read()); ) {
      last = piece[0] === wire.ChatKind.RECEIVED ? wire.readReceived(piece.subarray(8)) : last;
    }
    await left.write(wire.bare(wire.ChatKind.BYE));
    await running;
  },

  async 'two versions that have nothing in common say so'() {
    const [left, right] = pathPair();
    const end = endOf({ agent: 'a.b', nextPath: async () => right, close() {} }, 1);
    const running = end.talk.run(new AbortController().signal);
    const frame = wire.helloFrame({ speaker: new Uint8Array(16).fill(9), first: 1, heard: new Uint8Array(16), received: 0 });
    frame[9] = frame[11] = 2;
    await left.write(frame);
    await assert.rejects(running, { code: 'protocol.version' });
  },

  async 'both may ask at once: the session stays that the smaller address opened'() {
    const { ends, opened } = meetings();
    const { signal } = new AbortController();
    ends.forEach((end) => { end.rendezvous = new Rendezvous(end, 'chat'); end.rendezvous.wants = true; });
    const sessions = await Promise.all(ends.map(async (end) => {
      for (;;) {
        const session = await end.rendezvous.meet(signal);
        const replaced = end.rendezvous.replaced(session, () => false, signal).then(() => true);
        if (!await Promise.race([replaced, new Promise((resolve) => setTimeout(resolve, 50, false))])) {
          return session;
        }
      }
    }));
    assert.equal(opened.length, 2);
    assert.deepEqual(sessions.map(({ by }) => by), ['local.a', 'local.a']);
  },
};

// An end, and paths to it, each of which begins with the hello of a speaker.
function overPathsOf() {
  const paths = [pathPair(), pathPair()];
  let [taken, given] = [0, 0];
  const nextPath = async () => paths[taken++]?.[1] ?? new Promise(() => {});
  const end = endOf({ agent: 'a.b', nextPath, close() {} }, 1);
  end.talk.run(new AbortController().signal).catch(() => {});
  return {
    end,
    async next(speaker) {
      const [path] = paths[given++];
      await path.write(wire.helloFrame({ speaker: new Uint8Array(16).fill(speaker), first: 1, heard: new Uint8Array(16), received: 0 }));
      await path.read();
      return path;
    },
  };
}

// Two agents, each a meeting for the other.
function meetings() {
  const opened = [];
  const ends = ['local.a', 'local.b'].map((self, index) => ({
    self,
    host: ['local.b', 'local.a'][index],
    accept(purpose, handler) { this.handler = handler; return () => {}; },
    async ask() {
      await new Promise((resolve) => setTimeout(resolve, 5));
      opened.push(self);
      const other = ends[1 - index];
      other.handler({ by: self, agent: self, isOpener: false, close() {} });
      return { by: self, agent: this.host, isOpener: true, close() {} };
    },
  }));
  return { ends, opened };
}

await run(tests, 'all chats well');
