// What travels: frames of the link (proto/link.proto) and what two agents tell each other by signals (proto/peer.proto). Fields that a visitor never meets are left out.
import { concat } from './bytes.js';
import { decode, encode } from './protobuf.js';

/** Longest frame in bytes. */
export const MAX_FRAME = 262_144;

const PREFIX = 5;

/** What a session is for, by its number. */
export const PURPOSES = { transfer: 1, chat: 2, call: 3, probe: 4 };

/** The name of a purpose's number; undefined when it is none. */
export const purposeName = (number) => Object.keys(PURPOSES).find((name) => PURPOSES[name] === number);

/** A path over UDP, the one kind that browsers have. */
export const DIRECT_UDP = 2;

/** The role of a visitor's link. */
export const ROLE_CALLER = 2;

const signal = {
  session: [1, 'bytes'], from: [2, 'string'], fromEnd: [3, 'bytes'], to: [4, 'string'], toEnd: [5, 'bytes'], purpose: [6, 'uint'], attempt: [7, 'uint'], payload: [8, 'bytes'],
};

const frame = {
  hello: [1, {
    versionMin: [1, 'uint'], versionMax: [2, 'uint'], agent: [3, 'string'], role: [4, 'uint'], nonce: [5, 'bytes'], software: [7, 'string'], home: [8, 'bytes'], capabilities: [9, 'string', 'repeated'],
  }],
  challenge: [2, { nonce: [1, 'bytes'], hubId: [2, 'string'], version: [3, 'uint'] }],
  proof: [3, { signature: [1, 'bytes'] }],
  welcome: [4, { address: [3, 'string'], heartbeatSeconds: [4, 'uint'], hubVersion: [8, 'string'], capabilities: [11, 'string', 'repeated'], stunPort: [12, 'uint'] }],
  goodbye: [5, { code: [1, 'string'], message: [2, 'string'], mayReturn: [3, 'bool'] }],
  ping: [6, { number: [1, 'uint'] }],
  pong: [7, { number: [1, 'uint'] }],
  drain: [30, { spreadMs: [1, 'uint'] }],
  signal: [50, signal],
  signalRefusal: [51, { session: [1, 'bytes'], code: [2, 'string'], message: [3, 'string'], retryAfterMs: [4, 'uint'], circuit: [5, 'uint'] }],
};

const offer = {
  versionMin: [1, 'uint'], versionMax: [2, 'uint'], from: [3, 'string'], identity: [4, 'bytes'], key: [5, 'bytes'], tlsFingerprint: [6, 'bytes'], dtlsFingerprint: [7, 'bytes'],
};

const answer = {
  version: [1, 'uint'], from: [2, 'string'], identity: [3, 'bytes'], key: [4, 'bytes'], tlsFingerprint: [5, 'bytes'], dtlsFingerprint: [6, 'bytes'], signature: [7, 'bytes'], mac: [8, 'bytes'],
};

const peerSignal = {
  offer: [1, offer],
  answer: [2, answer],
  confirm: [3, { signature: [1, 'bytes'], mac: [2, 'bytes'] }],
  sealed: [4, { counter: [1, 'uint'], sealed: [2, 'bytes'] }],
  gone: [5, {}],
};

const paths = { attempt: [1, 'uint'], paths: [2, { kind: [1, 'uint'], description: [2, 'bytes'] }, 'repeated'] };

const peerNote = {
  pathOffer: [1, paths],
  pathAnswer: [2, paths],
  pathSignal: [3, { attempt: [1, 'uint'], kind: [2, 'uint'], content: [3, 'bytes'] }],
  pathWanted: [4, { after: [1, 'uint'] }],
  close: [5, { code: [1, 'string'], message: [2, 'string'] }],
  application: [6, 'bytes'],
};

const udpDescription = { machine: [1, 'bytes'], offer: [2, 'string'] };
const udpSignal = { answer: [1, 'string'], candidates: [2, 'string', 'repeated'], isAll: [3, 'bool'] };

const codec = (schema) => ({ encode: (message) => encode(schema, message), decode: (bytes) => decode(schema, bytes) });

export const PeerSignal = codec(peerSignal);
export const PeerNote = codec(peerNote);
export const UdpDescription = codec(udpDescription);
export const UdpSignal = codec(udpSignal);
export const Frame = codec(frame);

/** A frame as it stands on the link: flag, length, message. */
export function frameBytes(message) {
  const body = Frame.encode(message);
  const prefix = new Uint8Array(PREFIX);
  new DataView(prefix.buffer).setUint32(1, body.length);
  return concat(prefix, body);
}

/** Cuts what comes on a link into frames, wherever its pieces begin and end. */
export class FrameReader {
  #rest = new Uint8Array(0);

  /** The frames that are whole with these bytes. Throws RangeError when the stream is none of frames. */
  take(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : concat(this.#rest, bytes);
    const frames = [];
    while (this.#rest.length >= PREFIX) {
      const length = new DataView(this.#rest.buffer, this.#rest.byteOffset).getUint32(1);
      if (this.#rest[0] !== 0 || length > MAX_FRAME) {
        throw new RangeError('malformed: a frame that is none');
      }
      if (this.#rest.length < PREFIX + length) {
        break;
      }
      frames.push(Frame.decode(this.#rest.subarray(PREFIX, PREFIX + length)));
      this.#rest = this.#rest.subarray(PREFIX + length);
    }
    return frames;
  }
}
