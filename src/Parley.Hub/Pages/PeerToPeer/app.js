// The page: enters by the invite behind '#', and puts the four things to do where tabs lead.
import { Meeting } from './session.js';
import { announce, byId, explain } from './views.js';
import { CallView } from './views-call.js';
import { ChatView } from './views-chat.js';
import { ReceiveView, SendView } from './views-transfer.js';
import { FileStore } from './talks/transfer-store.js';

const TABS = ['send', 'receive', 'chat', 'call'];
const STATES = { online: 'Connected to the hub.', offline: 'The hub is not reached; trying again.', over: 'The visit is over.' };
const TRUST = { invited: 'Is it really them? Not compared yet', verified: 'Compared: it is really them' };

/** What the views share. */
class App {
  #tab = 'send';
  #busy = 0;

  constructor(meeting) {
    this.meeting = meeting;
    this.hostName = meeting.host;
    // The host's own agents need no owner before the name.
    this.visitorName = meeting.self.slice(meeting.self.indexOf('.') + 1);
  }

  /** Asks the host for a session. */
  async ask(purpose, signal) {
    const session = await this.meeting.ask(this.meeting.host, purpose, { signal });
    this.met(session);
    return session;
  }

  /** The two ends have proved their keys: the phrase is known. */
  met(session) {
    byId('phrase').textContent = session.phrase;
    byId('trust-summary').textContent = TRUST[session.trust] ?? TRUST.invited;
  }

  /** Leads to a tab. */
  show(name, takesFocus = false) {
    this.#tab = name;
    for (const one of TABS) {
      const tab = byId(`tab-${one}`);
      tab.setAttribute('aria-selected', String(one === name));
      tab.tabIndex = one === name ? 0 : -1;
      byId(`panel-${one}`).hidden = one !== name;
    }
    delete byId(`tab-${name}`).dataset.news;
    byId(`tab-${name}`).removeAttribute('aria-label');
    if (takesFocus) {
      byId(`tab-${name}`).focus();
    }
  }

  /** Something happened behind a tab. */
  news(name, text) {
    announce(text);
    if (name !== this.#tab) {
      const tab = byId(`tab-${name}`);
      tab.dataset.news = '';
      tab.setAttribute('aria-label', `${tab.textContent}, something new`);
    }
  }

  /** Something is wrong that the user can mend; an empty text takes it away. */
  problem(text) {
    byId('problem').textContent = text;
    byId('problem').hidden = text === '';
  }

  /** Something runs that closing the page would end; gives a function that says that it is over. */
  busy() {
    let isOver = false;
    this.#busy++;
    return () => {
      this.#busy -= isOver ? 0 : 1;
      isOver = true;
    };
  }

  get isBusy() {
    return this.#busy > 0;
  }
}

function bindTabs(app) {
  for (const [index, name] of TABS.entries()) {
    const tab = byId(`tab-${name}`);
    tab.onclick = () => app.show(name);
    tab.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      const next = step ? TABS[(index + step + TABS.length) % TABS.length] : { Home: TABS[0], End: TABS.at(-1) }[key];
      if (next) {
        app.show(next, true);
      }
    };
  }
}

function tell({ state, error }) {
  byId('status').textContent = STATES[state];
  if (state === 'over') {
    byId('problem').textContent = explain(error);
    byId('problem').hidden = false;
  }
}

async function start() {
  if (location.hash.length < 2) {
    byId('status').textContent = 'Nobody to meet.';
    byId('problem').textContent = 'This page needs the whole link that somebody sent you. Whoever has an agent on this hub makes one with “parley p2p invite”: ask them for it.';
    byId('problem').hidden = false;
    return;
  }
  const meeting = await Meeting.open({ invite: location.hash.slice(1), onState: tell });
  // The secret is spent: what stays in the address says who this is.
  history.replaceState(null, '', `#${meeting.self}`);
  const app = new App(meeting);
  byId('self').textContent = app.visitorName;
  byId('host').textContent = app.hostName;
  document.title = `Parley with ${app.hostName}`;
  bindTabs(app);
  const store = await FileStore.open();
  new SendView(app);
  new ReceiveView(app, store);
  new ChatView(app, store);
  await CallView.open(app);
  byId('who').hidden = byId('tabs').hidden = false;
  app.show('send');
  document.addEventListener('visibilitychange', () => meeting.wake());
  window.addEventListener('beforeunload', (event) => app.isBusy && event.preventDefault());
  window.addEventListener('pagehide', ({ persisted }) => persisted || meeting.close());
}

// Another link in the same window is another visit.
window.addEventListener('hashchange', () => location.reload());
try {
  await start();
} catch (error) {
  byId('status').textContent = 'Not connected.';
  byId('problem').textContent = explain(error);
  byId('problem').hidden = false;
}
