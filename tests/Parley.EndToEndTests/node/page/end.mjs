// One end of a session for a program at the other: the page's own modules on paths of plain TCP. Says what it does in lines of JSON.
//   end.mjs MODULES PORT send FILE... | receive FOLDER | chat
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { load } from './stage.mjs';

const [, , , port, what, ...rest] = process.argv;
const { PathBroken, PeerError } = await load('errors.js');
const { toHex } = await load('bytes.js');
const { ChatTalk } = await load('talks/chat.js');
const { Partials } = await load('talks/transfer-intake.js');
const { TransferReceiver } = await load('talks/transfer-receive.js');
const { TransferSender, offerOf } = await load('talks/transfer-send.js');
const { FileStore } = await load('talks/transfer-store.js');
const { Progress, stopped } = await load('talks/transfer-talk.js');

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const stop = new AbortController();
const { signal } = stop;

class TcpPath {
  name = 'direct TCP';
  #socket;
  #news = () => {};
  #end = null;

  constructor(socket) {
    this.#socket = socket;
    socket.on('readable', () => this.#news());
    socket.on('end', () => { this.#end ??= { error: null }; this.#news(); });
    socket.on('error', (error) => { this.#end ??= { error: new PathBroken(error.message) }; this.#news(); });
    socket.on('close', () => { this.#end ??= { error: new PathBroken('closed') }; this.#news(); });
  }

  async read() {
    for (;;) {
      const piece = this.#socket.read();
      if (piece) {
        return piece;
      }
      if (this.#end) {
        if (this.#end.error) {
          throw this.#end.error;
        }
        return null;
      }
      await new Promise((resolve) => { this.#news = resolve; });
    }
  }

  write(bytes) {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(new PathBroken(error.message)) : resolve()));
    });
  }

  close() {
    this.#socket.end();
  }
}

let paths = 0;

// What the system calls the largest would be that of the process that started this one.
let memory = 0;
setInterval(() => { memory = Math.max(memory, process.memoryUsage().rss); }, 50);
const session = {
  agent: 'tests.program', isOpener: what !== 'receive', phrase: '', trust: 'invited', onclose() {},
  nextPath: () => new Promise((resolve, reject) => {
    const socket = net.connect({ port: Number(port), host: '127.0.0.1' });
    socket.once('connect', () => { paths++; resolve(new TcpPath(socket)); });
    socket.once('error', () => reject(new PeerError('agent.offline', 'The other end is gone.')));
  }),
  async close() {},
};

async function pickedOf(local, name) {
  const facts = fs.statSync(local);
  if (facts.isDirectory()) {
    const inside = await Promise.all(fs.readdirSync(local).sort().map((child) => pickedOf(path.join(local, child), `${name}/${child}`)));
    return [{ path: name }, ...inside.flat()];
  }
  return [{ path: name, file: new File([await fs.openAsBlob(local)], name, { lastModified: facts.mtimeMs }) }];
}

async function send() {
  const picked = (await Promise.all(rest.map((one) => pickedOf(one, path.basename(one))))).flat();
  const progress = new Progress(({ state, bytes }) => say({ type: 'progress', state, bytes }));
  const result = await new TransferSender(session, await offerOf(picked), progress).send(signal);
  say({ type: 'sent', ...outcome(result) });
}

async function receive() {
  const decide = async (offer) => { say({ type: 'offer', files: offer.files, bytes: offer.bytes, first: offer.entries[0]?.path }); return true; };
  const result = await new TransferReceiver(session, new FileStore(), decide, undefined, new Partials()).receive(signal);
  for (const { path: name } of result.folders) {
    fs.mkdirSync(path.join(rest[0], name), { recursive: true });
  }
  for (const { path: name, blob } of result.received) {
    fs.writeFileSync(path.join(rest[0], name), Buffer.from(await blob.arrayBuffer()));
  }
  say({ type: 'received', ...outcome(result) });
}

const outcome = ({ files, bytes, failed, failures, hash }) => ({
  files, bytes, failed, paths, hash: hash ? toHex(hash) : null, failures: failures.map((one) => `${one.path}: ${one.error.code}`), memory,
});

async function chat() {
  const events = {
    onSession() {}, onPath: (name) => say({ type: 'path', name }), onLost() {}, onReceived: (number) => say({ type: 'received', number }), onTyping: (isTyping) => say({ type: 'typing', isTyping }), onStartedAnew() {},
    onItem: (item) => { say({ type: 'item', ...item }); onItem(item).catch((error) => say({ type: 'failed', code: error.code, text: error.stack })); },
  };
  const rendezvous = { meet: async () => session, replaced: (one, two, token) => new Promise((_, reject) => { token.addEventListener('abort', () => reject(token.reason)); }) };
  const talk = new ChatTalk(rendezvous, events);
  const mine = new Map();
  async function onItem({ kind, number, file }) {
    if (kind === 2) {
      const theirs = talk.openFile(false, number);
      const receiving = new TransferReceiver(theirs, new FileStore(), async () => true).receive(signal);
      talk.answer(number, true);
      const result = await receiving.finally(() => theirs.close());
      say({ type: 'file', direction: 'in', ...outcome(result) });
    } else if (kind === 3) {
      const ours = talk.openFile(true, file);
      const [{ file: content }] = await pickedOf(mine.get(file), path.basename(mine.get(file)));
      const result = await new TransferSender(ours, await offerOf([{ path: path.basename(mine.get(file)), file: content }])).send(signal).finally(() => ours.close());
      say({ type: 'file', direction: 'out', ...outcome(result) });
    }
  }
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const order = JSON.parse(line);
    if (order.say) {
      talk.say(order.say);
    } else if (order.offer) {
      mine.set(talk.offer(path.basename(order.offer), fs.statSync(order.offer).size), order.offer);
    } else if (order.typing !== undefined) {
      talk.type(order.typing);
    } else if (order.leave) {
      talk.leave();
    }
  });
  await talk.run(signal);
  say({ type: 'left' });
}

// Whoever starts us ends the transfer by the word "stop".
if (what !== 'chat') {
  process.stdin.on('data', (bytes) => String(bytes).includes('stop') && stop.abort(stopped()));
}
try {
  await { send, receive, chat }[what]();
  process.exitCode = 0;
} catch (error) {
  say({ type: 'refused', code: error.code ?? error.name, text: error.message, paths });
  process.exitCode = error.code ? 3 : 70;
  if (!error.code) {
    console.error(error.stack);
  }
}
process.exit();
