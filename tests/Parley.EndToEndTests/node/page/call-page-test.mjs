// The page of `parley p2p call`, on stand-ins for the browser: what becomes of one session when another takes its place.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

class Element {
  hidden = true;
  textContent = '';
  srcObject = null;
  #attributes = new Map();
  getAttribute(name) { return this.#attributes.get(name) ?? null; }
  setAttribute(name, value) { this.#attributes.set(name, value); }
  focus() {}
}

class Track {
  enabled = true;
  readyState = 'live';
  constructor(kind) { this.kind = kind; }
  addEventListener() {}
  stop() { this.readyState = 'ended'; }
  getSettings() { return {}; }
}

class Stream {
  #tracks;
  constructor(tracks = []) { this.#tracks = [...tracks]; }
  getTracks() { return [...this.#tracks]; }
  getAudioTracks() { return this.#tracks.filter(({ kind }) => kind === 'audio'); }
  getVideoTracks() { return this.#tracks.filter(({ kind }) => kind === 'video'); }
  addTrack(track) { this.#tracks.push(track); }
  removeTrack(track) { this.#tracks = this.#tracks.filter((one) => one !== track); }
}

class Connection {
  static all = [];
  static generateCertificate = async () => ({ getFingerprints: () => [{ algorithm: 'sha-256', value: 'AA' }] });
  connectionState = 'new';
  signalingState = 'stable';
  heard = [];
  sent = [];
  constructor() { Connection.all.push(this); }
  addTrack(track) { this.sent.push(track); return { track, replaceTrack: async () => {} }; }
  addTransceiver() {}
  getSenders() { return this.sent.map((track) => ({ track })); }
  getTransceivers() { return []; }
  async setLocalDescription() {}
  async setRemoteDescription(description) { this.heard.push(description.sdp); }
  async addIceCandidate() {}
  async getStats() { return new Map(); }
  restartIce() {}
  addEventListener() {}
  close() { this.connectionState = 'closed'; }
}

const elements = new Map();
const sockets = [];
let openings = 0;
const global = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
global('document', { title: '', querySelectorAll: () => [], getElementById: (id) => elements.get(id) ?? elements.set(id, new Element()).get(id) });
global('location', { href: 'http://127.0.0.1:1/secret/' });
global('navigator', { mediaDevices: { getUserMedia: async () => { openings++; return new Stream([new Track('audio'), new Track('video')]); } } });
global('MediaStream', Stream);
global('RTCPeerConnection', Connection);
global('WebSocket', class { static OPEN = 1; readyState = 1; constructor() { sockets.push(this); } send() {} close() {} });

const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
const peer = (agent, polite) => ({ type: 'peer', agent, trust: 'verified', phrase: '', polite });
const offer = (sdp) => ({ type: 'signal', signal: { description: { type: 'answer', sdp } } });

await import(pathToFileURL(process.argv[2]));
const say = (...messages) => messages.forEach((message) => sockets[0].onmessage({ data: JSON.stringify(message) }));
say({ type: 'config', share: 'camera', iceServers: [] }, peer('a.first', true));
await turn();
say(offer('first'));
await turn();
say(peer('a.second', false), offer('second'));
await turn();

const open = Connection.all.filter(({ connectionState }) => connectionState !== 'closed');
assert.equal(open.length, 1, 'one connection is open');
assert.equal(openings, 1, 'the devices are opened once');
assert.deepEqual(open[0].sent.map(({ kind }) => kind).sort(), ['audio', 'video']);
assert.deepEqual(Connection.all.map(({ heard }) => heard), [['first'], ['second']]);
console.log('the second takes the place of the first');
process.exit(0);
