// The page of one call. The program behind it has the identity and carries signals; sound and pictures go from browser to browser.
// Words of the other end reach the page as text only.
import { Negotiation, framesOf, pathOf } from './negotiation.js';
import { OwnMedia, showOther } from './own-media.js';

const element = (id) => document.getElementById(id);
const status = (text) => { element('status').textContent = text; };

const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
const link = new WebSocket(new URL('link', location.href.replace(/^http/, 'ws')));
const media = new OwnMedia({ local: element('local'), mute: element('mute'), dark: element('dark'), screen: element('screen') }, tellProblem);
let config = { share: 'camera', iceServers: [] };
let connection;
let negotiation;
let opening;
let stats;
let isOver = false;
let pendingSignals = [];

const say = (message) => {
  if (link.readyState === WebSocket.OPEN) {
    link.send(JSON.stringify(message));
  }
};

link.onopen = () => {
  const fingerprint = certificate.getFingerprints?.().find((one) => one.algorithm.toLowerCase() === 'sha-256')?.value;
  say({ type: 'hello', fingerprint });
  status('Looking for the other end.');
};
link.onclose = () => over('The program that this page belongs to has ended.');
link.onmessage = ({ data }) => hear(JSON.parse(data));

function hear(message) {
  switch (message.type) {
    case 'config':
      config = message;
      break;
    case 'ring':
      showPeer(message);
      status(`${message.agent} calls.`);
      element('ring').hidden = false;
      element('take').focus();
      break;
    case 'peer':
      element('ring').hidden = true;
      showPeer(message);
      connect(message.polite).catch((error) => fail(error));
      break;
    case 'signal':
      // What comes before the own devices are open waits for them.
      if (negotiation) {
        negotiation.take(message.signal);
      } else {
        pendingSignals.push(message.signal);
      }
      break;
    case 'note':
      status(message.text);
      break;
    case 'over':
      over(message.text);
      break;
  }
}

function showPeer({ agent, trust, phrase }) {
  element('with').textContent = ` with ${agent}`;
  document.title = `Call with ${agent}`;
  element('trust').hidden = trust === 'verified';
  element('trust-text').textContent = trust === 'unverified'
    ? 'UNVERIFIED: the first meeting. Both ends show the same phrase when nobody sits in between; read it to each other.'
    : 'Known from earlier, its phrase was never compared. Both ends show the same one:';
  element('phrase').textContent = phrase;
}

// Another session takes the place of the one before it: its connection goes, the own devices stay open.
async function connect(isPolite) {
  status('Connecting.');
  connection?.close();
  negotiation = undefined;
  pendingSignals = [];
  const current = connection = new RTCPeerConnection({ certificates: [certificate], iceServers: config.iceServers ?? [] });
  current.onconnectionstatechange = () => tellState(current);
  showOther(current, element('remote'));
  opening ??= media.open(config.share);
  await opening;
  if (isOver || current !== connection) {
    return;
  }
  negotiation = new Negotiation(current, isPolite, (signal) => say({ type: 'signal', signal }), (error) => current === connection && fail(error));
  media.sendOver(current);
  for (const signal of pendingSignals.splice(0)) {
    negotiation.take(signal);
  }
  stats ??= setInterval(tellStats, 1000);
}

function tellProblem(what, error) {
  const texts = {
    devices: 'No camera or microphone was opened: connect one, or allow it in the settings of this page. You see and hear the other end only.',
    screen: 'The screen is not shared: press “Share screen” and choose one, or allow it in the settings of this page.',
    camera: 'No camera was opened in place of the screen.',
  };
  const problem = element('problem');
  problem.hidden = what === null;
  problem.textContent = what === null ? '' : `${texts[what]} (${error.name})`;
}

async function tellState(current) {
  const state = current.connectionState;
  if (current !== connection) {
    return;
  }
  if (state === 'connected') {
    const path = pathOf(await current.getStats());
    status(`Connected: ${path}.`);
    say({ type: 'state', state, path });
  } else {
    say({ type: 'state', state });
    if (state === 'disconnected') {
      status('The connection is interrupted.');
    } else if (state === 'failed') {
      status('The connection broke; looking for another way.');
      negotiation?.restart();
    }
  }
}

async function tellStats() {
  if (!isOver && connection.connectionState === 'connected') {
    say({ type: 'stats', ...framesOf(await connection.getStats()) });
  }
}

function fail(error) {
  say({ type: 'note', text: `The page failed: ${error.name}` });
  over(`The call failed: ${error.name}.`);
}

function over(text) {
  if (isOver) {
    return;
  }
  isOver = true;
  status(text || 'The call is over.');
  media.stop();
  element('problem').hidden = true;
  element('remote').srcObject = null;
  connection?.close();
  document.querySelectorAll('button').forEach((button) => { button.disabled = true; });
  element('ring').hidden = true;
  link.close();
}

element('take').onclick = () => {
  element('ring').hidden = true;
  say({ type: 'answer', take: true });
};
element('decline').onclick = () => {
  element('ring').hidden = true;
  status('Declined; waiting for another call.');
  say({ type: 'answer', take: false });
};
element('end').onclick = () => {
  say({ type: 'end' });
  over('You hung up.');
};
