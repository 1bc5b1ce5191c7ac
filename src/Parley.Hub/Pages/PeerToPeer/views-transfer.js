// Sending what a person picked, and taking what the host sends: one card a transfer.
import { PeerError, plainText } from './errors.js';
import { toHex } from './bytes.js';
import { ProgressView, announce, awake, button, byId, bytesText, countText, download, explain, make } from './views.js';
import { Partials } from './talks/transfer-intake.js';
import { TransferReceiver } from './talks/transfer-receive.js';
import { TransferSender, offerOf } from './talks/transfer-send.js';
import { zipOf } from './talks/transfer-store.js';
import { Progress, stopped } from './talks/transfer-talk.js';

const SHOWN = 30;
const SHOWN_MORE = 1000;
const MAX_AT_ONCE = 4;

/** What is offered: the first of it, and the rest for whoever wants to see it before the answer. */
function listOf(entries) {
  const list = make('ul', { className: 'files', 'aria-label': 'What is offered' });
  const show = (from, to) => {
    list.append(...entries.slice(from, to).map(({ path, size, kind }) => make('li', {},
      make('span', {}, make('span', { className: 'name', textContent: plainText(path) }), kind === 1 ? ' (folder)' : kind === 2 ? '' : ` (${bytesText(size)})`))));
    const left = entries.length - to;
    if (left > 0) {
      const item = make('li', {}, button(`and ${left.toLocaleString()} more: show ${Math.min(left, SHOWN_MORE).toLocaleString()}`, () => {
        item.remove();
        show(to, to + SHOWN_MORE);
      }));
      list.append(item);
    }
  };
  show(0, SHOWN);
  return list;
}

const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1);

/** What a person dropped or picked, as paths with files. */
async function pickedOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) {
    return [...transfer.files].map((file) => ({ path: file.name, file }));
  }
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry) {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    return [{ path, file: await new Promise((resolve, reject) => { entry.file(resolve, reject); }) }];
  }
  const reader = entry.createReader();
  const found = [{ path }];
  // A browser lists a hundred at a time.
  for (let page; (page = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); })).length > 0; ) {
    for (const child of page) {
      found.push(...await walk(child));
    }
  }
  return found;
}

/** What became of a transfer, in a sentence. */
function outcomeOf({ files, bytes, failed, failures, hash }, where) {
  const text = [`${countText(files, 'file')} ${where}, ${bytesText(bytes)}.`];
  if (failed > 0) {
    text.push(`${countText(failed, 'file')} did not: ${failures.slice(0, 3).map((one) => `${plainText(one.path)} (${plainText(one.error.message)})`).join(', ')}.`);
  }
  return { text: text.join(' '), hash: hash ? toHex(hash) : null };
}

const hashLine = (hash) => (hash ? make('p', { className: 'aside' }, 'SHA-256 ', make('code', { textContent: hash })) : null);

/** The tab "Send". */
export class SendView {
  #app;
  #picked = new Map();

  constructor(app) {
    this.#app = app;
    byId('send').textContent = `Send to ${app.hostName}`;
    byId('send').onclick = () => this.#send([...this.#picked.values()]);
    byId('send-clear').onclick = () => { this.#picked.clear(); this.#draw(); byId('pick-files').focus(); };
    byId('pick-files').onchange = ({ target }) => this.#take([...target.files].map((file) => ({ path: file.name, file })), target);
    byId('pick-folder').onchange = ({ target }) => this.#take([...target.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })), target);
    const hasFolders = 'webkitdirectory' in byId('pick-folder');
    byId('pick-folder').hidden = byId('pick-folder-label').hidden = !hasFolders;
    this.#bindDrop(byId('drop'));
  }

  #bindDrop(area) {
    const isFiles = (event) => [...event.dataTransfer.types].includes('Files');
    document.addEventListener('dragover', (event) => {
      if (isFiles(event)) {
        event.preventDefault();
        area.classList.add('over');
      }
    });
    document.addEventListener('dragleave', (event) => event.relatedTarget ?? area.classList.remove('over'));
    document.addEventListener('drop', async (event) => {
      area.classList.remove('over');
      if (isFiles(event)) {
        event.preventDefault();
        this.#app.show('send');
        try {
          this.#take(await pickedOf(event.dataTransfer));
        } catch {
          this.#app.problem('Something that was dropped cannot be read. Choose the files instead.');
        }
      }
    });
  }

  #take(picked, input) {
    picked.forEach((one) => this.#picked.set(one.path, one));
    if (input) {
      input.value = '';
    }
    this.#draw();
    announce(`${countText(this.#files().length, 'file')} on the list.`);
  }

  #files() {
    return [...this.#picked.values()].filter(({ file }) => file);
  }

  // By what was picked: a folder is one line.
  #draw() {
    const tops = new Map();
    for (const { path, file } of this.#picked.values()) {
      const top = path.split('/')[0];
      const line = tops.get(top) ?? { files: 0, bytes: 0, isFolder: path !== top || !file };
      tops.set(top, { ...line, files: line.files + (file ? 1 : 0), bytes: line.bytes + (file?.size ?? 0) });
    }
    const lines = [...tops].slice(0, SHOWN).map(([top, { files, bytes, isFolder }]) => make('li', {},
      make('span', {}, make('span', { className: 'name', textContent: plainText(top) }), ` ${isFolder ? `(folder, ${countText(files, 'file')}, ` : '('}${bytesText(bytes)})`),
      button('Remove', () => this.#remove(top), { 'aria-label': `Take ${plainText(top)} off the list` })));
    if (tops.size > SHOWN) {
      lines.push(make('li', { textContent: `and ${tops.size - SHOWN} more` }));
    }
    byId('picked').replaceChildren(...lines);
    byId('send').disabled = this.#picked.size === 0;
    byId('send-clear').hidden = tops.size < 2;
  }

  #remove(top) {
    [...this.#picked.keys()].filter((path) => path === top || path.startsWith(`${top}/`)).forEach((path) => this.#picked.delete(path));
    this.#draw();
    byId('pick-files').focus();
  }

  async #send(picked) {
    let offer;
    try {
      offer = await offerOf(picked);
    } catch (error) {
      this.#app.problem(explain(error));
      return;
    }
    this.#app.problem('');
    this.#picked.clear();
    this.#draw();
    const stop = new AbortController();
    const cancel = button('Stop', () => stop.abort(stopped()), { className: 'stop' });
    const view = new ProgressView(`Sending ${countText(offer.manifest.files, 'file')}`);
    const heading = make('h2', { textContent: `${offer.manifest.files === 1 ? plainText(nameOf(picked.find(({ file }) => file).path)) : countText(offer.manifest.files, 'file')} (${bytesText(offer.manifest.bytes)})` });
    const card = make('li', {}, heading, view.element, make('p', { className: 'buttons' }, cancel));
    byId('sendings').prepend(card);
    cancel.focus();
    const { hostName, visitorName } = this.#app;
    const waiting = (state) => (state === 'deciding' ? `${hostName} looks at what you offer.` : `Waiting for ${hostName}: it must run “parley p2p recv --from ${visitorName}”.`);
    const progress = new Progress((one) => view.show(one, hasMet && one.state === 'connecting' ? () => 'Looking for a way to the other machine.' : waiting));
    let hasMet = false;
    let session;
    const over = this.#app.busy();
    try {
      view.show(progress, waiting);
      session = await this.#app.ask('transfer', stop.signal);
      hasMet = true;
      progress.set({});
      const { text, hash } = outcomeOf(await awake(new TransferSender(session, offer, progress).send(stop.signal)), 'arrived');
      card.replaceChildren(...[heading, make('p', { textContent: text }), hashLine(hash)].filter(Boolean));
      announce(text);
    } catch (error) {
      const text = error.code === 'canceled' ? error.message : explain(error);
      const again = button('Send again', () => { card.remove(); this.#send(picked); });
      card.replaceChildren(heading, make('p', { className: 'problem', textContent: text }), make('p', { className: 'buttons' }, again));
      announce(text);
    } finally {
      over();
      session?.close();
    }
  }
}

/** The tab "Receive". */
export class ReceiveView {
  #app;
  #store;
  #partials = new Partials();
  #running = 0;

  constructor(app, store) {
    [this.#app, this.#store] = [app, store];
    byId('receive-command').textContent = `parley p2p send FILE ${app.visitorName}`;
    app.meeting.accept('transfer', (session) => this.#receive(session));
  }

  async #receive(session) {
    this.#app.met(session);
    if (this.#running >= MAX_AT_ONCE) {
      session.close(new PeerError('unavailable', 'The page takes no more at once.'));
      return;
    }
    this.#running++;
    const stop = new AbortController();
    const card = make('li', {});
    const heading = make('h2', {});
    const view = new ProgressView('Receiving');
    let taken = null;
    const waiting = () => 'Looking for a way to the other machine.';
    const progress = new Progress((one) => one.state !== 'deciding' && taken && view.show(one, waiting));
    const over = this.#app.busy();
    const decide = async (manifest) => {
      heading.textContent = `${this.#app.hostName} sends ${countText(manifest.files, 'file')}${manifest.hasStream ? '' : ` (${bytesText(manifest.bytes)})`}`;
      byId('receivings').prepend(card);
      this.#app.news('receive', heading.textContent);
      const isTaken = await this.#ask(card, heading, manifest, session);
      if (isTaken) {
        taken = manifest;
        const cancel = button('Stop', () => stop.abort(stopped()), { className: 'stop' });
        card.replaceChildren(heading, view.element, make('p', { className: 'buttons' }, cancel));
        cancel.focus();
      }
      return isTaken;
    };
    try {
      const result = await awake(new TransferReceiver(session, this.#store, decide, progress, this.#partials).receive(stop.signal));
      this.#finish(card, heading, result);
    } catch (error) {
      const text = error.code === 'canceled' || error.code === 'transfer.declined' ? error.message.replace(/^The receiver does not want/, 'You did not want') : explain(error);
      card.replaceChildren(heading, make('p', { className: 'problem', textContent: text }));
      if (heading.textContent) {
        announce(text);
      } else if (error.code !== 'agent.offline' && error.code !== 'canceled') {
        // Refused before it could be shown: its names or its size.
        heading.textContent = `${this.#app.hostName} offered something that was refused`;
        byId('receivings').prepend(card);
        this.#app.news('receive', text);
      }
    } finally {
      this.#running--;
      over();
      session.close();
    }
  }

  #ask(card, heading, manifest, session) {
    return new Promise((resolve, reject) => {
      const take = button('Accept', () => resolve(true), { className: 'go' });
      card.replaceChildren(heading, listOf(manifest.entries),
        make('p', { className: 'buttons' }, take, button('Decline', () => resolve(false))));
      session.onclose = (error) => reject(error ?? stopped());
    });
  }

  #finish(card, heading, result) {
    const { received, folders } = result;
    const { text, hash } = outcomeOf(result, 'came');
    const saves = received.slice(0, SHOWN).map(({ path, size, blob }) => make('li', {},
      make('span', {}, make('span', { className: 'name', textContent: plainText(path) }), ` (${bytesText(size)})`),
      button('Save', () => download(blob, nameOf(path)), { 'aria-label': `Save ${plainText(path)}` })));
    if (received.length > SHOWN) {
      saves.push(make('li', { textContent: `and ${received.length - SHOWN} more, in the archive` }));
    }
    const tops = new Set([...folders, ...received].map(({ path }) => path.split('/')[0]));
    const name = tops.size === 1 ? `${[...tops][0]}.zip` : `${this.#app.hostName}.zip`;
    const all = received.length > 1 ? make('p', { className: 'buttons' }, button('Save all as one archive', () => download(zipOf(received, folders), name), { className: 'go' })) : null;
    card.replaceChildren(...[heading, make('p', { textContent: `${text} They are gone from this browser when you close the page: save what you want to keep.` }), all,
      make('ul', { className: 'files', 'aria-label': 'What came' }, ...saves), hashLine(hash)].filter(Boolean));
    card.querySelector('button')?.focus();
    announce(text);
  }
}
