// The tab "Chat": what both say, whether it was shown there, and files by offer.
import { PeerError, plainText } from './errors.js';
import { ProgressView, announce, button, byId, bytesText, download, explain, make, wordsOf } from './views.js';
import { ChatTalk } from './talks/chat.js';
import { Item } from './talks/chat-wire.js';
import { Rendezvous } from './talks/rendezvous.js';
import { refusePath } from './talks/transfer-names.js';
import { TransferReceiver } from './talks/transfer-receive.js';
import { TransferSender, offerOf } from './talks/transfer-send.js';
import { Progress, stopped } from './talks/transfer-talk.js';

const MAX_OFFERS = 16;
const TYPING_MS = 3000;
const FAREWELL_MS = 3000;

/** The tab "Chat". */
export class ChatView {
  #app;
  #store;
  #rendezvous;
  #talk;
  #mine = new Map();
  #offers = new Map();
  #theirOffers = 0;
  #unanswered = new Set();
  #typingTimer;
  #stop;

  constructor(app, store) {
    [this.#app, this.#store] = [app, store];
    this.#rendezvous = new Rendezvous(app.meeting, 'chat');
    this.#talk = new ChatTalk(this.#rendezvous, {
      onSession: (session) => { this.#app.met(session); this.#status(`Looking for a way to ${app.hostName}.`); },
      onPath: (name) => { byId('chat-leave').hidden = false; this.#status(`Connected: ${name}.`); },
      onLost: (error) => { this.#typing(false); this.#status(error ? `${explain(error)} What you say is kept until then.` : 'The way broke; looking for another. What you say is kept.'); },
      onItem: (item) => this.#take(item),
      onReceived: (number) => this.#markUpTo(number),
      onTyping: (isTyping) => this.#typing(isTyping),
      onStartedAnew: () => this.#unanswered.forEach((drop) => drop()),
    });
    this.#bind();
    this.#status(`Say something, or wait until ${app.hostName} does.`);
    this.#run();
  }

  #bind() {
    const text = byId('chat-text');
    byId('chat-form').onsubmit = (event) => { event.preventDefault(); this.#say(); };
    text.onkeydown = (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#say();
      }
    };
    text.oninput = () => {
      this.#talk.type(text.value !== '');
      clearTimeout(this.#typingTimer);
      this.#typingTimer = setTimeout(() => this.#talk.type(false), TYPING_MS);
    };
    byId('chat-file').onchange = ({ target }) => { [...target.files].forEach((file) => this.#offer(file)); target.value = ''; };
    byId('chat-leave').onclick = () => {
      this.#talk.leave();
      // Without a way to the other machine nobody hears it.
      const stop = this.#stop;
      setTimeout(() => stop.abort(new PeerError('canceled', 'You left the chat.')), FAREWELL_MS);
    };
  }

  // One chat after the other: who leaves may come back.
  async #run() {
    for (;;) {
      let text;
      this.#stop = new AbortController();
      try {
        await this.#talk.run(this.#stop.signal);
        text = `The chat with ${this.#app.hostName} is over.`;
      } catch (error) {
        text = explain(error);
      }
      this.#rendezvous.wants = false;
      byId('chat-leave').hidden = true;
      this.#typing(false);
      this.#between(text);
      this.#status(`Say something, or wait until ${this.#app.hostName} does.`);
    }
  }

  #status(text) {
    byId('chat-status').textContent = text;
  }

  #meet() {
    if (!this.#rendezvous.wants) {
      this.#rendezvous.wants = true;
      if (byId('chat-leave').hidden) {
        this.#status(`Waiting for ${this.#app.hostName}: it must run “parley p2p chat ${this.#app.visitorName}”.`);
      }
    }
  }

  #try(action) {
    try {
      const number = action();
      this.#meet();
      return number;
    } catch (error) {
      this.#between(explain(error));
      return 0;
    }
  }

  #say() {
    const field = byId('chat-text');
    const text = field.value.trim();
    if (text === '') {
      return;
    }
    const number = this.#try(() => this.#talk.say(text));
    if (number > 0) {
      this.#talk.type(false);
      field.value = '';
      this.#addMine(number, make('p', { className: 'words', dir: 'auto', textContent: text }));
    }
    field.focus();
  }

  #offer(file) {
    const name = file.name.normalize('NFC');
    const reason = refusePath(name);
    if (reason) {
      this.#between(`“${plainText(name)}” ${reason}: rename it.`);
      return;
    }
    const number = this.#try(() => this.#talk.offer(name, file.size));
    if (number > 0) {
      const state = make('p', { className: 'mark', textContent: 'Offered.' });
      this.#offers.set(number, { file, state });
      this.#addMine(number, make('p', { className: 'words' }, 'File ', make('span', { className: 'name', textContent: plainText(name) }), ` (${bytesText(file.size)})`), state);
    }
  }

  #addMine(number, ...parts) {
    const mark = make('p', { className: 'mark', textContent: 'on its way' });
    this.#mine.set(number, mark);
    this.#add(make('li', { className: 'mine' }, make('span', { className: 'unseen', textContent: 'You: ' }), ...parts, mark));
  }

  #markUpTo(number) {
    for (const [own, mark] of this.#mine) {
      if (own <= number) {
        mark.textContent = '✓ shown there';
        this.#mine.delete(own);
      }
    }
  }

  #take(item) {
    this.#typing(false);
    switch (item.kind) {
      case Item.MESSAGE:
        this.#addTheirs(make('p', { className: 'words', dir: 'auto', textContent: wordsOf(item.text) }), new Date(item.sent));
        this.#app.news('chat', `${this.#app.hostName} says something.`);
        break;
      case Item.OFFER:
        this.#takeOffer(item);
        break;
      case Item.TAKEN:
        this.#sendFile(item.file);
        break;
      case Item.DECLINED: {
        const offer = this.#offers.get(item.file);
        this.#offers.delete(item.file);
        offer?.state.replaceChildren(`${this.#app.hostName} does not want it.`);
        break;
      }
    }
  }

  #takeOffer(item) {
    if (this.#theirOffers >= MAX_OFFERS || refusePath(item.text) !== null) {
      this.#try(() => this.#talk.answer(item.number, false));
      return;
    }
    this.#theirOffers++;
    const buttons = make('p', { className: 'buttons' });
    const state = make('div', {}, buttons);
    const close = (mark) => {
      this.#unanswered.delete(drop);
      buttons.remove();
      if (mark) {
        this.#theirOffers--;
        state.append(make('p', { className: 'mark', textContent: mark }));
      }
    };
    const drop = () => close('It is offered no more.');
    const answer = (isTaken) => {
      close(isTaken ? '' : 'You did not want it.');
      if (isTaken) {
        this.#receiveFile(item, state);
      } else {
        this.#try(() => this.#talk.answer(item.number, false));
      }
    };
    this.#unanswered.add(drop);
    buttons.append(button('Accept', () => answer(true), { className: 'go', 'aria-label': `Accept ${plainText(item.text)}` }), button('Decline', () => answer(false), { 'aria-label': `Decline ${plainText(item.text)}` }));
    this.#addTheirs(make('p', { className: 'words' }, 'File ', make('span', { className: 'name', textContent: plainText(item.text) }), ` (${bytesText(item.size)})`), new Date(item.sent), state);
    this.#app.news('chat', `${this.#app.hostName} offers a file.`);
  }

  async #receiveFile(item, state) {
    // Exactly what was taken: one file of that name and size.
    const isIt = ({ entries, mode }) => entries.length === 1 && mode === 0 && entries[0].kind === 0 && entries[0].path === item.text && entries[0].size === item.size;
    await this.#move(state, async (progress, signal) => {
      const session = this.#talk.openFile(false, item.number);
      try {
        const receiving = new TransferReceiver(session, this.#store, async (manifest) => isIt(manifest), progress).receive(signal);
        this.#try(() => this.#talk.answer(item.number, true));
        const { received, failures } = await receiving;
        if (failures.length > 0) {
          throw failures[0].error;
        }
        state.replaceChildren(make('p', { className: 'buttons' }, button('Save', () => download(received[0].blob, item.text), { className: 'go', 'aria-label': `Save ${plainText(item.text)}` })));
        announce(`${plainText(item.text)} came.`);
      } finally {
        this.#theirOffers--;
        session.close();
      }
    });
  }

  async #sendFile(number) {
    const offer = this.#offers.get(number);
    if (!offer) {
      return;
    }
    this.#offers.delete(number);
    await this.#move(offer.state, async (progress, signal) => {
      const session = this.#talk.openFile(true, number);
      try {
        const { failures } = await new TransferSender(session, await offerOf([{ path: offer.file.name, file: offer.file }]), progress).send(signal);
        if (failures.length > 0) {
          throw failures[0].error;
        }
        offer.state.replaceChildren('It arrived.');
      } finally {
        session.close();
      }
    });
  }

  async #move(state, action) {
    const stop = new AbortController();
    const view = new ProgressView('File of the chat');
    state.replaceChildren(view.element, make('p', { className: 'buttons' }, button('Stop', () => stop.abort(stopped()), { className: 'stop' })));
    const over = this.#app.busy();
    try {
      await action(new Progress((one) => view.show(one, () => 'Waiting for the other end.')), stop.signal);
    } catch (error) {
      state.replaceChildren(make('p', { className: 'mark', textContent: error.code === 'canceled' ? error.message : explain(error) }));
    } finally {
      over();
    }
  }

  #addTheirs(content, sent, ...rest) {
    const time = sent.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    this.#add(make('li', {}, make('span', { className: 'unseen', textContent: `${this.#app.hostName}: ` }), content, ...rest, make('p', { className: 'mark', textContent: time })));
  }

  #between(text) {
    this.#add(make('li', { className: 'between', textContent: text }));
  }

  #add(line) {
    const list = byId('messages');
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    list.append(line);
    if (isAtEnd || line.className === 'mine') {
      list.scrollTop = list.scrollHeight;
    }
  }

  #typing(isTyping) {
    byId('typing').textContent = isTyping ? `${this.#app.hostName} types.` : '';
  }
}
