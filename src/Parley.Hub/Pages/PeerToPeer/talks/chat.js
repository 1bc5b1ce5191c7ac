// One end of a chat: what is said arrives once, over as many paths and sessions as it takes. docs/protocol/chat.md has the bytes.
import { FrameReader, abortable, broken, overPaths, sleep, together, watch } from './frames.js';
import { PathBroken, PeerError } from '../errors.js';
import { News } from './rendezvous.js';
import { ChatFiles, FileWay } from './chat-files.js';
import {
  ChatKind, ChatState, Item, MAX_CONTENT, bare, errorFrame, fileFrame, helloFrame, itemFrame, readCredit, readError, readFile, readHello, readItem, readReceived, readTyping, receivedFrame,
  doneFrame, typingFrame,
} from './chat-wire.js';

const WAITING_FRAMES = 8;
const FAREWELL_MS = 2000;
const LOST = ['agent.offline', 'peer.unreachable', 'canceled'];
const FINISHED = new Error('The chat was left.');

/** How patient a chat is. */
export const CHAT_PATIENCE = { maxSilence: 20_000, maxIdle: 5 };

const keyOf = ({ isMine, file, attempt }) => `${isMine ? 'mine' : 'theirs'} ${file} ${attempt}`;

/** One end of a chat. */
export class ChatTalk {
  #rendezvous;
  #events;
  #patience;
  #state;
  #news = new News();
  #files = new ChatFiles();
  #session = null;
  #path = null;
  #isTyping = false;
  #isLeaving = false;

  /**
   * @param {{ meet: Function, replaced: Function }} rendezvous Where sessions come from.
   * @param {object} events Told of everything: onSession(session), onPath(name), onLost(error or null), onItem(item), onReceived(number), onTyping(isTyping), onStartedAnew(): what the other end offered before is offered no more. Words are the other end's.
   */
  constructor(rendezvous, events, patience = CHAT_PATIENCE, speaker = crypto.getRandomValues(new Uint8Array(16))) {
    [this.#rendezvous, this.#events, this.#patience] = [rendezvous, events, patience];
    this.#state = new ChatState(speaker);
  }

  /** What was said and is not acknowledged yet. */
  get waiting() {
    return this.#state.waiting;
  }

  /** Says something; it arrives when there is a path. Returns its number. */
  say(text) {
    return this.#say(Item.MESSAGE, { text });
  }

  /** Offers a file; returns the number of the offer. */
  offer(name, size) {
    return this.#say(Item.OFFER, { text: name, size });
  }

  /** Says whether a file of the other end is wanted. */
  answer(file, isTaken) {
    return this.#say(isTaken ? Item.TAKEN : Item.DECLINED, { file });
  }

  /** Says whether the user types. */
  type(isTyping) {
    if (this.#isTyping !== isTyping) {
      this.#isTyping = isTyping;
      this.#news.wake();
    }
  }

  /** Leaves: the other end is told, and `run` ends. */
  leave() {
    this.#isLeaving = true;
    this.#news.wake();
  }

  /** The session of a file: of an own one that was taken, or, before saying that it is taken, of one of the other end. */
  openFile(isMine, number) {
    if (!this.#session) {
      throw new PeerError('agent.offline', 'There is nobody in the chat yet.');
    }
    return this.#files.open(this, isMine, number, this.#session.agent);
  }

  /** A file is done here; of an own one the other end is told, which waits for no further way then. */
  forget(file) {
    if (this.#files.close(file) && file.isMine) {
      this.#path?.say(doneFrame(file.number));
    }
  }

  /** A way for an own file, on the path that there is or the next one. */
  async openWay(file, attempt, signal) {
    for (;;) {
      while (!this.#path) {
        await abortable(this.#news.next, signal);
      }
      try {
        return await this.#path.openWay(file, attempt);
      } catch (error) {
        if (!(error instanceof PathBroken)) {
          throw error;
        }
      }
    }
  }

  /** Runs the chat until either user leaves; may be run again, with all that was said. */
  async run(signal) {
    this.#isLeaving = false;
    try {
      for (;;) {
        const session = await this.#rendezvous.meet(signal);
        this.#session = session;
        this.#events.onSession(session);
        try {
          if (await this.#inSession(session, signal)) {
            return;
          }
        } catch (error) {
          signal.throwIfAborted();
          if (!LOST.includes(error.code)) {
            throw error;
          }
          this.#events.onLost(error);
          if (this.#isLeaving) {
            return;
          }
        } finally {
          session.close();
        }
      }
    } finally {
      this.#files.end();
    }
  }

  /** True when the chat was left; false when another session takes the place of this one. */
  async #inSession(session, signal) {
    let hasHeard = false;
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const replaced = this.#rendezvous.replaced(session, () => hasHeard, both).then(() => false);
    const options = { signal: both, maxIdle: this.#patience.maxIdle, onBroken: () => this.#events.onLost(null) };
    let heard = 0;
    const talking = overPaths(session, options, () => heard, async (path) => {
      await new ChatPath(this, this.#parts(), path, this.#patience, () => { hasHeard = true; heard++; }).run(both);
      return true;
    });
    replaced.catch(() => {});
    talking.catch(() => {});
    try {
      return await Promise.race([talking, replaced]);
    } finally {
      stop.abort(new PathBroken('Another session takes the place of this one.'));
      await Promise.allSettled([talking, replaced]);
    }
  }

  // What a path needs of its talk.
  #parts() {
    return {
      state: this.#state,
      events: this.#events,
      news: this.#news,
      files: this.#files,
      isTyping: () => this.#isTyping,
      isLeaving: () => this.#isLeaving,
      use: (path) => { this.#path = path; this.#news.wake(); },
      leave: (path) => { this.#path = this.#path === path ? null : this.#path; },
    };
  }

  #say(kind, content) {
    const number = this.#state.say(kind, Date.now(), content);
    this.#news.wake();
    return number;
  }
}

/** One path while it lasts. Messages go before bytes of files, of which a few frames wait at most. */
class ChatPath {
  #parts;
  #path;
  #patience;
  #heard;
  #reader;
  #frames = [];
  #ways = new Map();
  #acknowledged = 0;
  #shown = 0;
  #saidTyping = false;
  #isAliveDue = false;
  #saidBye = false;
  #isOver = false;

  constructor(talk, parts, path, patience, heard) {
    [this.#parts, this.#path, this.#patience, this.#heard] = [parts, path, patience, heard];
    this.#reader = new FrameReader(path, MAX_CONTENT);
  }

  async run(signal) {
    try {
      await this.#greet(signal);
      this.#heard();
      const lasting = (stop) => watch(this.#reader, () => { this.#isAliveDue = true; this.#parts.news.wake(); }, this.#patience.maxSilence, stop);
      const ending = (task) => async (stop) => { await task(stop); throw FINISHED; };
      await together(signal, lasting, ending((stop) => this.#read(stop)), ending((stop) => this.#write(stop)));
    } catch (error) {
      const isFarewell = this.#saidBye && error instanceof PathBroken;
      if (error !== FINISHED && !isFarewell) {
        if (['protocol.violation', 'protocol.version', 'message.too_large'].includes(error.code)) {
          await abortable(this.#path.write(errorFrame(error)), AbortSignal.timeout(FAREWELL_MS)).catch(() => {});
        }
        throw error;
      }
    } finally {
      this.#close();
    }
  }

  /** Begins a way for an own file. */
  async openWay(file, attempt) {
    const way = this.#makeWay({ isMine: true, file, attempt });
    await this.#send(fileFrame(ChatKind.FILE_OPEN, way.route));
    return way;
  }

  /** Puts a frame on the path without waiting for it. */
  say(frame) {
    this.#send(frame).catch(() => {});
  }

  async #greet(signal) {
    const { state, events, files } = this.#parts;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new PathBroken('The other end did not say hello.')), this.#patience.maxSilence);
    try {
      const either = AbortSignal.any([signal, silence.signal]);
      await abortable(this.#path.write(helloFrame(state.hello())), either);
      const { kind, content } = await this.#reader.next(either);
      if (kind === ChatKind.ERROR) {
        throw readError(content);
      }
      if (kind !== ChatKind.HELLO) {
        throw broken();
      }
      const theirs = readHello(content);
      const isAnew = state.isAnew(theirs);
      const known = state.begin(theirs);
      this.#shown = this.#acknowledged = state.received;
      if (isAnew) {
        files.startAnew();
        events.onStartedAnew();
      }
      this.#parts.use(this);
      events.onPath(this.#path.name);
      files.done.forEach((number) => this.say(doneFrame(number)));
      if (known > 0) {
        events.onReceived(known);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(signal) {
    const { state, events, news } = this.#parts;
    for (;;) {
      const { kind, content } = await this.#reader.next(signal);
      switch (kind) {
        case ChatKind.ITEM: {
          const item = readItem(content);
          if (state.take(item) && item.kind >= Item.MESSAGE && item.kind <= Item.DECLINED) {
            events.onItem(item);
          }
          // Acknowledged when it was shown, not before.
          this.#shown = item.number;
          news.wake();
          break;
        }
        case ChatKind.RECEIVED: {
          const number = readReceived(content);
          state.acknowledge(number);
          events.onReceived(number);
          break;
        }
        case ChatKind.TYPING:
          events.onTyping(readTyping(content));
          break;
        case ChatKind.FILE_OPEN:
        case ChatKind.FILE_BYTES:
        case ChatKind.FILE_CREDIT:
        case ChatKind.FILE_CLOSE:
          this.#takeFile(kind, readFile(kind, content));
          break;
        case ChatKind.ERROR:
          throw readError(content);
        case ChatKind.BYE:
          return;
        default:
          // Signs of life, and words of newer programs.
      }
    }
  }

  #takeFile(kind, { isMine, file, attempt, rest }) {
    const route = { isMine, file, attempt };
    const way = this.#ways.get(keyOf(route));
    const known = this.#parts.files.find(false, file);
    if (kind === ChatKind.FILE_OPEN) {
      if (!isMine && !way && !known?.takeWay(attempt, this.#makeWay(route))) {
        this.#ways.delete(keyOf(route));
        this.say(fileFrame(ChatKind.FILE_CLOSE, route));
      }
    } else if (kind === ChatKind.FILE_BYTES) {
      way?.take(rest);
    } else if (kind === ChatKind.FILE_CREDIT) {
      way?.takeCredit(readCredit(rest));
    } else if (attempt === 0 && !isMine) {
      known?.end(new PeerError('agent.offline', 'The other end has closed the file.'));
    } else {
      this.#ways.delete(keyOf(route));
      way?.break('The other end closed the way of the file.');
    }
  }

  async #write(signal) {
    for (;;) {
      const news = this.#parts.news.next;
      for (let frame; (frame = this.#nextFrame()); ) {
        await abortable(this.#path.write(frame), signal);
      }
      if (this.#saidBye) {
        await sleep(FAREWELL_MS, signal);
        return;
      }
      await abortable(news, signal);
    }
  }

  #nextFrame() {
    const { state, isTyping, isLeaving, news } = this.#parts;
    if (this.#shown > this.#acknowledged) {
      this.#acknowledged = this.#shown;
      return receivedFrame(this.#shown);
    }
    const item = state.next();
    if (item) {
      return itemFrame(item);
    }
    if (isTyping() !== this.#saidTyping) {
      this.#saidTyping = isTyping();
      return typingFrame(this.#saidTyping);
    }
    if (this.#isAliveDue) {
      this.#isAliveDue = false;
      return bare(ChatKind.ALIVE);
    }
    if (this.#frames.length > 0) {
      news.wake();
      return this.#frames.shift();
    }
    if (isLeaving() && !this.#saidBye) {
      this.#saidBye = true;
      return bare(ChatKind.BYE);
    }
    return null;
  }

  async #send(frame) {
    while (this.#frames.length >= WAITING_FRAMES && !this.#isOver) {
      await this.#parts.news.next;
    }
    if (this.#isOver) {
      throw new PathBroken('The path of the chat broke.');
    }
    this.#frames.push(frame);
    this.#parts.news.wake();
  }

  #makeWay(route) {
    const way = new FileWay(route, this.#path.name, (frame) => this.#send(frame), (one) => {
      if (this.#ways.delete(keyOf(one.route))) {
        this.say(fileFrame(ChatKind.FILE_CLOSE, one.route));
      }
    });
    this.#ways.set(keyOf(route), way);
    return way;
  }

  #close() {
    this.#isOver = true;
    this.#parts.leave(this);
    const ways = [...this.#ways.values()];
    this.#ways.clear();
    ways.forEach((way) => way.break('The path of the chat broke.'));
    this.#parts.news.wake();
  }
}
