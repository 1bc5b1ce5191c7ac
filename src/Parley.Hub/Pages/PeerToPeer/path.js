// A path over UDP: a WebRTC data channel between this browser and the other machine (docs/protocol/signalling.md, section 5, "Direct UDP").
import { areEqual, bigEndian, concat, sha256, utf8 } from './bytes.js';
import { checkFingerprints } from './certificate.js';
import { PathBroken, PeerError } from './errors.js';
import { UdpDescription, UdpSignal } from './wire.js';

const LABEL = 'parley';
const CHOICE_SIZE = 8;
const REPEAT_MS = 1_000;
const GATHER_MS = 10;
const LIMIT_MS = 15_000;
const CLOSE_MS = 15_000;
const MAX_CANDIDATES = 64;
const MAX_MESSAGE = 65_536;
const HIGH_WATER = 1_048_576;
const LOW_WATER = 262_144;

/** One attempt at a path. */
export class PathAttempt {
  #options;
  #connection;
  #candidates = [];
  #isGathered = false;
  #answer = '';
  #isMet = false;
  #known = new Set();
  #hearing = Promise.resolve();
  #opened = withResolvers();
  #timers = new Set();
  #path = null;
  #isHandedOver = false;

  /**
   * @param {object} options `number` of the attempt; `isOpener`; the session's `certificate` and the other end's signed `fingerprint`; `stun`, URLs of servers; `say(bytes)` tells the other end.
   */
  constructor(options) {
    this.#options = options;
    this.#opened.promise.catch(() => {});
    this.number = options.number;
    const connection = new RTCPeerConnection({ iceServers: options.stun.map((urls) => ({ urls })), certificates: [options.certificate] });
    this.#connection = connection;
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate) {
        this.#isGathered = true;
      } else if (candidate.candidate) {
        this.#candidates.push(candidate.candidate);
      }
      this.#later(() => this.#tell(), GATHER_MS);
    };
    connection.onconnectionstatechange = () => connection.connectionState === 'failed' && this.#opened.reject(unreachable('no pair of addresses works'));
    connection.ondatachannel = ({ channel }) => !options.isOpener && !this.#path && channel.label === LABEL && this.#use(channel);
  }

  /** What the other end is told beforehand. */
  async describe() {
    if (!this.#options.isOpener) {
      return UdpDescription.encode({});
    }
    this.#use(this.#connection.createDataChannel(LABEL));
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return UdpDescription.encode({ offer: withoutCandidates(this.#connection.localDescription.sdp) });
  }

  /** Tries until there is a path that both ends chose. `description` is what the other end was like beforehand. */
  async run(description, signal) {
    const limit = setTimeout(() => this.#opened.reject(unreachable('nothing came of it in time')), LIMIT_MS);
    const abort = () => {
      this.#opened.reject(signal.reason);
      this.#path?.break();
    };
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort);
    try {
      if (!this.#options.isOpener) {
        await this.#meet({ type: 'offer', sdp: UdpDescription.decode(description).offer ?? '' });
        await this.#connection.setLocalDescription(await this.#connection.createAnswer());
        this.#answer = withoutCandidates(this.#connection.localDescription.sdp);
      }
      this.#tell();
      const repeating = setInterval(() => this.#tell(), REPEAT_MS);
      this.#timers.add(repeating);
      const path = await this.#opened.promise;
      clearInterval(repeating);
      await this.#checkCertificate();
      path.name = await nameOf(this.#connection);
      await this.#choose(path);
      this.#isHandedOver = true;
      return path;
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof PathBroken ? unreachable('it broke at once') : error;
    } finally {
      clearTimeout(limit);
      signal?.removeEventListener('abort', abort);
      this.close();
    }
  }

  /** What the other end says while the attempt runs. */
  take(content) {
    this.#hearing = this.#hearing.then(() => this.#hear(UdpSignal.decode(content))).catch((error) => this.#opened.reject(error instanceof PeerError ? error : unreachable(error.message)));
  }

  /** Gives up what was not handed over. */
  close() {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
    this.#connection.onicecandidate = null;
    if (!this.#isHandedOver) {
      this.#connection.close();
    }
  }

  async #hear(signal) {
    if (this.#options.isOpener && !this.#isMet && signal.answer) {
      await this.#meet({ type: 'answer', sdp: signal.answer });
    }
    for (const candidate of this.#isMet ? signal.candidates.slice(0, MAX_CANDIDATES) : []) {
      if (!this.#known.has(candidate) && this.#known.size < MAX_CANDIDATES) {
        this.#known.add(candidate);
        // One that this browser does not understand is one way less.
        await this.#connection.addIceCandidate({ candidate, sdpMLineIndex: 0 }).catch(() => {});
      }
    }
  }

  async #meet(description) {
    checkFingerprints(description.sdp, this.#options.fingerprint);
    await this.#connection.setRemoteDescription(description);
    this.#isMet = true;
  }

  #tell() {
    if (this.#options.isOpener || this.#answer) {
      this.#options.say(UdpSignal.encode({ answer: this.#answer, candidates: this.#candidates.slice(0, MAX_CANDIDATES), isAll: this.#isGathered }));
    }
  }

  #use(channel) {
    this.#path = new Path(channel, this.#connection);
    const ready = () => this.#opened.resolve(this.#path);
    channel.addEventListener('open', ready);
    channel.addEventListener('close', () => this.#opened.reject(unreachable('the other end closed it')));
    if (channel.readyState === 'open') {
      ready();
    }
  }

  /** The browser has held the certificate against the description; where it shows the certificate, it is held against the signature once more. */
  async #checkCertificate() {
    const shown = this.#connection.sctp?.transport?.getRemoteCertificates?.()[0];
    if (shown && !areEqual(await sha256(new Uint8Array(shown)), this.#options.fingerprint)) {
      throw new PeerError('peer.proof', 'Somebody showed another certificate than the proved one.');
    }
  }

  /** The opener says on the way itself that this is the one: PRLY and the attempt's number. */
  async #choose(path) {
    const choice = concat(utf8('PRLY'), bigEndian(this.number, 4));
    if (this.#options.isOpener) {
      await path.write(choice);
      return;
    }
    let said = new Uint8Array(0);
    while (said.length < CHOICE_SIZE) {
      const piece = await Promise.race([path.read(), this.#ended()]);
      if (piece === null) {
        throw unreachable('the other end took another way');
      }
      said = concat(said, piece);
    }
    if (!areEqual(said.subarray(0, CHOICE_SIZE), choice)) {
      throw new PeerError('protocol.violation', 'The other end began the path with something else.');
    }
    path.unread(said.subarray(CHOICE_SIZE));
  }

  // Ends with the limit of the attempt, which is over the same promise only while there is no path.
  #ended() {
    return new Promise((_, reject) => this.#later(() => reject(unreachable('nobody chose it in time')), LIMIT_MS));
  }

  #later(act, delay) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delay);
    this.#timers.add(timer);
  }
}

/** Bytes both ways; the bounds of messages mean nothing. */
export class Path {
  /** How it goes, for people. */
  name = 'direct UDP';
  #channel;
  #connection;
  #arrived = [];
  #reader = null;
  #isEnded = false;
  #broken = null;
  #writing = Promise.resolve();
  #room = null;

  constructor(channel, connection) {
    [this.#channel, this.#connection] = [channel, connection];
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = LOW_WATER;
    channel.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer && data.byteLength > 0) {
        this.#arrived.push(new Uint8Array(data));
        this.#wake();
      }
    };
    channel.onbufferedamountlow = () => this.#wake();
    channel.onclose = () => {
      this.#isEnded = true;
      this.#wake();
      connection.close();
    };
    connection.addEventListener('connectionstatechange', () => connection.connectionState === 'failed' && this.break());
  }

  /** Whether it may still carry something. */
  get isOpen() {
    return !this.#isEnded;
  }

  /** Writes; ends when there is room for more. */
  write(bytes) {
    const done = this.#writing.then(() => this.#write(bytes));
    this.#writing = done.catch(() => {});
    return done;
  }

  /** What has arrived; null at the end of the bytes. */
  async read() {
    for (;;) {
      if (this.#arrived.length > 0) {
        return this.#arrived.shift();
      }
      if (this.#broken) {
        throw this.#broken;
      }
      if (this.#isEnded) {
        return null;
      }
      await new Promise((resolve) => { this.#reader = resolve; });
    }
  }

  /** Puts bytes back that were read too early. */
  unread(bytes) {
    if (bytes.length > 0) {
      this.#arrived.unshift(bytes);
    }
  }

  /** Ends it: what was written is delivered first. */
  close() {
    this.#isEnded = true;
    this.#writing.finally(() => {
      this.#channel.close();
      setTimeout(() => this.#connection.close(), CLOSE_MS);
    });
    this.#wake();
  }

  /** It is of no use any more: whoever reads or writes hears of it. */
  break(error = new PathBroken()) {
    this.#broken ??= error;
    this.#isEnded = true;
    this.#wake();
    this.#connection.close();
  }

  async #write(bytes) {
    const most = Math.min(MAX_MESSAGE, this.#connection.sctp?.maxMessageSize || MAX_MESSAGE);
    for (let at = 0; at < bytes.length; at += most) {
      while (!this.#isEnded && this.#channel.bufferedAmount > HIGH_WATER) {
        await new Promise((resolve) => { this.#room = resolve; });
      }
      if (this.#isEnded || this.#channel.readyState !== 'open') {
        throw this.#broken ?? new PathBroken('The other end closed the way.');
      }
      this.#channel.send(bytes.slice(at, at + most));
    }
  }

  #wake() {
    const [reader, room] = [this.#reader, this.#room];
    this.#reader = null;
    reader?.();
    if (this.#isEnded || this.#channel.bufferedAmount <= LOW_WATER) {
      this.#room = null;
      room?.();
    }
  }
}

const withoutCandidates = (sdp) => sdp.split('\r\n').filter((line) => !/^a=(candidate:|end-of-candidates)/.test(line)).join('\r\n');

const unreachable = (what) => new PeerError('peer.unreachable', `No way to the other machine was found: ${what}.`);

async function nameOf(connection) {
  const reports = await connection.getStats();
  for (const report of reports.values()) {
    const pair = report.type === 'transport' && reports.get(report.selectedCandidatePairId);
    if (pair) {
      const kinds = [reports.get(pair.localCandidateId)?.candidateType, reports.get(pair.remoteCandidateId)?.candidateType];
      return kinds.includes('relay') ? 'relayed by TURN' : 'direct UDP';
    }
  }
  return 'direct UDP';
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
