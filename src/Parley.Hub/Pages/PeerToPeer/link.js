// The link to the hub: a WebSocket that proves the visitor's key, carries its signals, and comes back by itself (docs/protocol/hub-link.md).
import { randomBytes } from './bytes.js';
import { PeerError, plainText } from './errors.js';
import { linkProof } from './identity.js';
import { FrameReader, ROLE_CALLER, frameBytes } from './wire.js';

const VERSION = 1;
const HANDSHAKE_MS = 15_000;
const LONGEST_WAIT_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const DEAD_AFTER = 2.5;
const PING_AFTER = 0.9;

/** A link of one page, over as many WebSockets as it takes. */
export class Link {
  #options;
  #home = randomBytes(16);
  #words = [];
  #socket = null;
  #isUp = false;
  #isOver = false;
  #failures = 0;
  #waiting;
  #watching;
  #heard = 0;
  #heartbeat = 30_000;

  /**
   * @param {object} options `url` of the WebSocket; `hub`, its id; `address` and `identity` of the visitor;
   * `onUp(welcome)`, `onDown()`, `onOver(error)`, `onSignal(signal)`, `onRefusal(refusal)`: what happens.
   */
  constructor(options) {
    this.#options = options;
  }

  /** Dials, again and again until it is closed or refused for good. */
  start() {
    this.#dial();
  }

  /** Says which sessions are accepted; a link that said another thing is dialled again. */
  setPurposes(names) {
    const words = names.map((name) => `peer:${name}`);
    const isNew = words.join() !== this.#words.join();
    this.#words = words;
    if (isNew && this.#socket) {
      this.#hangUp();
      this.#dialIn(0);
    }
  }

  /** Sends a signal; nothing happens while the link is down, since signals are said again. */
  send(signal) {
    if (this.#isUp) {
      this.#say({ signal });
    }
  }

  /** Dials at once when the link is down: the network is back, or somebody looks at the page. */
  wake() {
    if (!this.#isOver && !this.#socket) {
      this.#dialIn(0);
    }
  }

  /** Ends it. */
  close() {
    this.#isOver = true;
    clearTimeout(this.#waiting);
    if (this.#isUp) {
      this.#say({ goodbye: {} });
    }
    this.#hangUp();
  }

  #dial() {
    const socket = new WebSocket(this.#options.url);
    const reader = new FrameReader();
    this.#socket = socket;
    this.#heard = Date.now();
    socket.binaryType = 'arraybuffer';
    const state = { socket, nonce: randomBytes(32), isWelcome: false };
    const limit = setTimeout(() => socket === this.#socket && !state.isWelcome && this.#lose(), HANDSHAKE_MS);
    socket.onopen = () => this.#say({
      hello: { versionMin: VERSION, versionMax: VERSION, agent: this.#options.address, role: ROLE_CALLER, nonce: state.nonce, software: 'parley-page', home: this.#home, capabilities: this.#words },
    });
    // One after another: a frame waits until the one before it is handled.
    let handling = Promise.resolve();
    socket.onmessage = ({ data }) => {
      this.#heard = Date.now();
      handling = handling.then(async () => {
        for (const frame of socket === this.#socket ? reader.take(new Uint8Array(data)) : []) {
          await this.#handle(frame, state);
        }
      }).catch((error) => socket === this.#socket && (error instanceof PeerError ? this.#end(error) : this.#lose()));
    };
    socket.onclose = () => {
      clearTimeout(limit);
      handling.finally(() => socket === this.#socket && this.#lose());
    };
    socket.onerror = () => {};
  }

  async #handle(frame, state) {
    if (frame.challenge) {
      await this.#prove(frame.challenge, state);
    } else if (frame.welcome) {
      this.#begin(frame.welcome, state);
    } else if (frame.goodbye) {
      this.#leave(frame.goodbye);
    } else if (frame.ping) {
      this.#say({ pong: frame.ping });
    } else if (frame.drain) {
      this.#hangUp();
      this.#dialIn(Math.random() * (frame.drain.spreadMs ?? 0));
    } else if (frame.signal) {
      this.#options.onSignal(frame.signal);
    } else if (frame.signalRefusal) {
      this.#options.onRefusal(frame.signalRefusal);
    }
  }

  async #prove(challenge, { socket, nonce }) {
    const { hub, address, identity } = this.#options;
    if (challenge.hubId !== hub) {
      throw new PeerError('link.proof', 'This is another hub than the one that the link is for.');
    }
    if (challenge.version !== VERSION || challenge.nonce?.length !== 32) {
      throw new PeerError('protocol.version', 'The hub speaks another version of the link than its own page.');
    }
    const signature = await linkProof(identity, { hub, hubNonce: challenge.nonce, nonce, address, role: ROLE_CALLER, version: VERSION });
    if (socket === this.#socket) {
      this.#say({ proof: { signature } });
    }
  }

  #begin(welcome, state) {
    state.isWelcome = true;
    this.#isUp = true;
    this.#failures = 0;
    this.#heartbeat = Math.max(1, welcome.heartbeatSeconds ?? 30) * 1000;
    this.#watching = setInterval(() => this.#watch(), this.#heartbeat / 3);
    this.#options.onUp(welcome);
  }

  #leave({ code = '', message = '', mayReturn = false }) {
    if (!mayReturn) {
      throw new PeerError(code || 'link.proof', plainText(message) || 'The hub ended the link.');
    }
    this.#lose();
  }

  #watch() {
    const silence = Date.now() - this.#heard;
    if (silence > this.#heartbeat * DEAD_AFTER) {
      this.#lose();
    } else if (silence > this.#heartbeat * PING_AFTER) {
      this.#say({ ping: { number: 1 } });
    }
  }

  #say(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(frameBytes(frame));
    }
  }

  #lose() {
    this.#hangUp();
    if (!this.#isOver) {
      // Full jitter: pages that lost one hub do not all come back in one moment.
      this.#dialIn(Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++));
    }
  }

  #end(error) {
    this.#isOver = true;
    this.#hangUp();
    this.#options.onOver(error);
  }

  #hangUp() {
    const [socket, wasUp] = [this.#socket, this.#isUp];
    [this.#socket, this.#isUp] = [null, false];
    clearInterval(this.#watching);
    socket?.close();
    if (wasUp) {
      this.#options.onDown();
    }
  }

  #dialIn(delay) {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => !this.#isOver && !this.#socket && this.#dial(), delay);
  }
}
