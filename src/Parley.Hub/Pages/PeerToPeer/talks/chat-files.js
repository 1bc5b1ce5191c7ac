// Files that are dropped into a chat: each is a session of its own for the transfer, made of ways inside the chat's paths.
import { abortable, broken } from './frames.js';
import { PathBroken, PeerError } from '../errors.js';
import { News } from './rendezvous.js';
import { ChatKind, creditFrame, fileFrame } from './chat-wire.js';

/** Bytes that may be on their way unread. */
const WINDOW = 1 << 20;
const PIECE = 32 << 10;
/** Own files that are done, of which the other end may not have heard so: more than a user of it has under way. */
const MAX_DONE = 256;

/** One way of one file: a path of bytes both ways, as many as the reader gave leave for, so that a file never keeps a message waiting. */
export class FileWay {
  name;
  #route;
  #send;
  #closed;
  #pieces = [];
  #unread = 0;
  #consumed = 0;
  #credit = WINDOW;
  #broken = null;
  #news = new News();

  /**
   * @param {{ isMine: boolean, file: number, attempt: number }} route Which.
   * @param {string} name How the chat's bytes travel.
   * @param {(frame: Uint8Array) => Promise} send Puts a frame on the chat's path.
   * @param {(way: FileWay) => void} closed Told when this end closes it.
   */
  constructor(route, name, send, closed) {
    [this.#route, this.name, this.#send, this.#closed] = [route, name, send, closed];
  }

  get route() {
    return this.#route;
  }

  /** Bytes came. */
  take(bytes) {
    if (this.#broken) {
      return;
    }
    this.#unread += bytes.length;
    if (this.#unread > WINDOW) {
      throw broken();
    }
    this.#pieces.push(bytes.slice());
    this.#news.wake();
  }

  /** The other end gives leave for further bytes. */
  takeCredit(bytes) {
    this.#credit = Math.min(this.#credit + bytes, WINDOW);
    this.#news.wake();
  }

  /** The way is over: its user reads what is here, and then sees its end. */
  break(reason) {
    this.#broken ??= new PathBroken(reason);
    this.#news.wake();
  }

  async read() {
    while (this.#pieces.length === 0) {
      if (this.#broken) {
        return null;
      }
      await this.#news.next;
    }
    const piece = this.#pieces.shift();
    this.#unread -= piece.length;
    this.#consumed += piece.length;
    if (this.#consumed >= WINDOW / 2 && !this.#broken) {
      const credit = this.#consumed;
      this.#consumed = 0;
      await this.#send(creditFrame(this.#route, credit));
    }
    return piece;
  }

  async write(bytes) {
    for (let at = 0; at < bytes.length; ) {
      while (this.#credit === 0 && !this.#broken) {
        await this.#news.next;
      }
      if (this.#broken) {
        throw this.#broken;
      }
      const piece = bytes.subarray(at, at + Math.min(PIECE, this.#credit));
      this.#credit -= piece.length;
      at += piece.length;
      await this.#send(fileFrame(ChatKind.FILE_BYTES, this.#route, piece));
    }
  }

  close() {
    this.#closed(this);
    this.break('The way of the file was closed.');
  }
}

/** One file of a chat, as a session: its transfer goes on over new ways when paths of the chat break. */
export class ChatFile {
  agent;
  onclose = () => {};
  #talk;
  #attempt = 0;
  #opened = null;
  #over = null;
  #news = new News();

  constructor(talk, isMine, number, agent) {
    [this.#talk, this.isMine, this.number, this.agent] = [talk, isMine, number, agent];
  }

  get isOpener() {
    return this.isMine;
  }

  async nextPath({ signal }) {
    if (this.isMine) {
      return this.#talk.openWay(this.number, ++this.#attempt, signal);
    }
    while (!this.#opened) {
      if (this.#over) {
        throw this.#over;
      }
      await abortable(this.#news.next, signal);
    }
    const way = this.#opened;
    this.#opened = null;
    return way;
  }

  /** The other end, whose file it is, began a way; false for one that is no newer than those before. */
  takeWay(attempt, way) {
    if (attempt <= this.#attempt) {
      return false;
    }
    this.#attempt = attempt;
    this.#opened = way;
    this.#news.wake();
    return true;
  }

  /** There will be no further way. */
  end(reason) {
    this.#over ??= reason;
    this.#news.wake();
    this.onclose(reason);
  }

  async close() {
    this.#talk.forget(this);
  }
}

/** The files of a chat that are under way, and the own ones that are done. They outlive paths and sessions, and those of the other end end with its program. */
export class ChatFiles {
  #open = new Map();
  #done = [];

  /** Numbers of own files that are done: a path may have broken under the word that said so. */
  get done() {
    return [...this.#done];
  }

  /** One that is under way. */
  find(isMine, number) {
    return this.#open.get(`${isMine} ${number}`);
  }

  /** One that is under way, or begins. */
  open(talk, isMine, number, agent) {
    const file = this.find(isMine, number) ?? new ChatFile(talk, isMine, number, agent);
    this.#open.set(`${isMine} ${number}`, file);
    return file;
  }

  /** One is done here; false when it was before. */
  close(file) {
    if (this.find(file.isMine, file.number) !== file) {
      return false;
    }
    this.#open.delete(`${file.isMine} ${file.number}`);
    if (file.isMine) {
      this.#done = [...this.#done, file.number].slice(-MAX_DONE);
    }
    return true;
  }

  /** The other end's program was started anew, and numbers from 1 again: bytes of what it offered before come no more. */
  startAnew() {
    const over = new PeerError('agent.offline', "The other end's program was started anew: it has to offer the file again.");
    for (const [key, file] of this.#open) {
      if (!file.isMine) {
        this.#open.delete(key);
        file.end(over);
      }
    }
    this.#done = [];
  }

  /** The chat is over. */
  end() {
    const over = new PeerError('agent.offline', 'The chat is over.');
    this.#open.forEach((file) => file.end(over));
    this.#open.clear();
  }
}
