// What two pages of a call tell each other, over notes that get lost; and certificates that nobody signed.
import assert from 'node:assert/strict';
import { load, run, seeded } from './stage.mjs';

const { CallLane, CallTalk, checkDescription, readNote, sayOver } = await load('talks/call.js');

const { PeerSession } = await load('peer-session.js');

const COUNT = Number(process.env.PARLEY_FUZZ) || 10_000;
const certificates = [seeded(1).bytes(32), seeded(2).bytes(32)];
const colons = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, '0').toUpperCase()).join(':');
const sdp = (...certificate) => ['v=0', ...certificate.map((one) => `a=fingerprint:sha-256 ${colons(one)}`), 'a=setup:actpass', ''].join('\r\n');

function pair(isLost = () => false) {
  const sessions = certificates.map((_, index) => ({ remoteFingerprint: certificates[1 - index], onnote() {}, onclose() {}, sendNote: null }));
  sessions.forEach((session, index) => { session.sendNote = (bytes) => isLost() || setImmediate(() => sessions[1 - index].onnote(bytes)); });
  const heard = [[], []];
  const talks = sessions.map((session, index) => new CallTalk(session, certificates[index], (signal) => heard[index].push(signal)));
  return { sessions, talks, heard };
}

const OFFLINE = { code: 'agent.offline', message: 'Nobody is there.' };
const late = () => new Promise((_, reject) => setTimeout(reject, 5_000, new Error('nothing ended it')));

/** A session whose signals go nowhere, and which has no certificate for a path. */
const sessionWithoutHub = () => new PeerSession({
  agent: 'tests.other', phrase: '', trust: 'new', isOpener: true, remoteFingerprint: certificates[1], certificate: null, stun: () => [],
  send() {}, leave() {}, seals: { own: { seal: async () => ({}) } },
});

/** The time of day, which passes when it is told to. */
function stoppedClock() {
  const real = Date.now;
  let now = real();
  Date.now = () => now;
  return { pass: (milliseconds) => { now += milliseconds; }, restore: () => { Date.now = real; } };
}

const tests = {
  async 'signals arrive once and in order while half of the notes get lost'() {
    const random = seeded(5);
    const { talks, heard } = pair(() => random.below(2) === 0);
    const { signal } = new AbortController();
    const running = talks.map((talk) => talk.run(signal));
    for (let number = 0; number < 20; number++) {
      talks[0].say({ candidate: { candidate: `a${number}` } });
      talks[1].say({ candidate: { candidate: `b${number}` } });
    }
    while (heard[0].length < 20 || heard[1].length < 20) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(heard[1].map(({ candidate }) => candidate.candidate), Array.from({ length: 20 }, (_, number) => `a${number}`));
    for (let count = 0; count < 50; count++) {
      talks[0].hangUp();
    }
    await running[1];
  },

  async 'a description with the signed certificate goes through, both ways, and hanging up ends it'() {
    const { talks, heard } = pair();
    const { signal } = new AbortController();
    const running = talks.map((talk) => talk.run(signal));
    talks[0].say({ description: { type: 'offer', sdp: sdp(certificates[0]) } });
    talks[1].say({ candidate: null });
    await Promise.all(talks.map(({ ready }) => ready));
    while (heard[1].length === 0 || heard[0].length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(talks[1].hasSignals);
    talks[1].hangUp();
    await running[0];
  },

  async 'another certificate is refused on its way out and on its way in'() {
    const own = pair();
    const running = own.talks[0].run(new AbortController().signal);
    own.talks[0].say({ description: { type: 'offer', sdp: sdp(certificates[1]) } });
    await assert.rejects(running, { code: 'peer.proof' });
    const theirs = pair();
    const hearing = theirs.talks[1].run(new AbortController().signal);
    const note = (signal) => new TextEncoder().encode(JSON.stringify({ number: 1, heard: 0, signal: JSON.stringify(signal), isOver: false }));
    theirs.sessions[1].onnote(note({ description: { type: 'offer', sdp: sdp(certificates[0], certificates[1]) } }));
    await assert.rejects(hearing, { code: 'peer.proof' });
    assert.deepEqual(theirs.heard[1], []);
  },

  async 'who signed no certificate takes no call, and who declines ends it'() {
    assert.throws(() => new CallTalk({ remoteFingerprint: new Uint8Array(0) }, certificates[0], () => {}), { code: 'peer.proof' });
    const { sessions, talks } = pair();
    const running = talks[0].run(new AbortController().signal);
    sayOver(sessions[1]);
    await running;
    assert.equal(talks[0].hasSignals, false);
  },

  async 'fingerprints are of SHA-256, all of them the same, and there is one'() {
    const [mine] = certificates;
    checkDescription(sdp(mine, mine), mine);
    checkDescription(sdp(mine).toLowerCase(), mine);
    const one = sdp(mine);
    for (const wrong of [sdp(), sdp(certificates[1]), one.replace('sha-256', 'sha-1'), one.replace('sha-256', 'sha-512'), one.replace(':sha-256 ', ':sha-256'), `${one}A=fingerprint:sha-256 00\r\n`, one.replaceAll('\r\n', '\n').replace(/.{2}\na=setup/, '00\na=setup'), `${one}a=fingerprint:\r\n`]) {
      assert.throws(() => checkDescription(wrong, mine), { code: 'peer.proof' }, wrong);
    }
    assert.throws(() => checkDescription('x'.repeat(30_000), mine), { code: 'message.too_large' });
  },

  async 'a call whose other end vanished is over'() {
    const [session, clock] = [sessionWithoutHub(), stoppedClock()];
    const running = new CallTalk(session, certificates[0], () => {}).run(new AbortController().signal);
    session.takeRefusal(OFFLINE);
    clock.pass(19_000);
    session.takeRefusal(OFFLINE);
    const isPatient = await Promise.race([running.then(() => false, () => false), new Promise((resolve) => setTimeout(resolve, 50, true))]);
    clock.pass(2_000);
    session.takeRefusal(OFFLINE);
    await assert.rejects(Promise.race([running, late()]), { code: 'agent.offline' });
    assert.ok(isPatient);
    clock.restore();
  },

  async 'who was away while there was a path is asked for the next one'() {
    const [session, clock] = [sessionWithoutHub(), stoppedClock()];
    session.takeRefusal(OFFLINE);
    clock.pass(60_000);
    await assert.rejects(session.nextPath(), { code: 'peer.unreachable' });
    clock.restore();
  },

  async 'words that no call says are refused'() {
    for (const text of ['', 'null', '[', '1', '{"number":-1}', '{"number":1.5}', '{"signal":{}}', '{"heard":"1"}']) {
      assert.throws(() => readNote(new TextEncoder().encode(text)), { code: 'protocol.violation' }, text);
    }
    for (let seed = 0; seed < COUNT; seed++) {
      try {
        readNote(seeded(seed).bytes(seed % 60));
      } catch (error) {
        assert.equal(error.code, 'protocol.violation', `seed ${seed}`);
      }
    }
    const lane = new CallLane();
    assert.deepEqual([lane.take(2), lane.take(1), lane.take(1)], [false, true, false]);
    for (let count = 0; count < 512; count++) {
      lane.say('x');
    }
    assert.equal(lane.say('x'), 0);
  },
};

await run(tests, 'all calls well');
