// The page's modules as one end of a session with a real agent, over a real hub, without a browser: calls need no path here, so everything travels in sealed notes.
// Arguments: the page's folder, the hub's address, and 'ask', 'accept', 'forget' (ask, and let go of the session without a word) or, to come in and leave again, 'enter'. The invite comes on standard input.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, hub, role] = process.argv.slice(2);
const { Meeting } = await import(pathToFileURL(`${folder}/session.js`));
const kept = new Map();
const store = { find: async (id) => kept.get(id), keep: async (id, visit) => kept.set(id, visit) };
const fingerprint = new Uint8Array(32).fill(7);
const say = (what) => console.log(JSON.stringify(what));

try {
  const invite = readFileSync(0, 'utf8').trim();
  const meeting = await Meeting.open({ invite, hub, store });
  if (role === 'enter') {
    say({ self: meeting.self, host: meeting.host });
    await meeting.close();
    process.exit(0);
  }
  const session = role !== 'accept'
    ? await meeting.ask(meeting.host, 'call', { fingerprint })
    : await new Promise((resolve) => meeting.accept('call', resolve, { fingerprint }));
  session.onnote = (bytes) => {
    say({ note: new TextDecoder().decode(bytes) });
    session.sendNote(new TextEncoder().encode(`heard ${new TextDecoder().decode(bytes)}`));
  };
  session.onclose = async (error) => {
    say({ closed: error?.code ?? null });
    if (role === 'forget') {
      return;
    }
    await meeting.close();
    // The same browser comes back by its key alone.
    const again = await Meeting.open({ invite: meeting.self, hub, store });
    say({ back: again.self });
    await again.close();
    process.exit(0);
  };
  say({ self: meeting.self, host: meeting.host, agent: session.agent, phrase: session.phrase, trust: session.trust, isOpener: session.isOpener, fingerprint: Buffer.from(session.remoteFingerprint).toString('hex') });
  if (role === 'forget') {
    session.end();
  }
} catch (error) {
  say({ error: error.code ?? error.stack });
  process.exit(1);
}
