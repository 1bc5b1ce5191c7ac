// What the two ends of a chat say, field by field, and what each keeps: docs/protocol/chat.md. Nothing here waits.
import { areEqual, utf8 } from '../bytes.js';
import { Fields, FrameBuilder, broken, textOf } from './frames.js';
import { PeerError } from '../errors.js';

/** The version of the protocol that this page speaks. */
const VERSION = 1;

/** Kinds of frames; others are skipped. */
export const ChatKind = {
  HELLO: 0x01, ITEM: 0x02, RECEIVED: 0x03, TYPING: 0x04, FILE_OPEN: 0x20, FILE_BYTES: 0x21, FILE_CREDIT: 0x22, FILE_CLOSE: 0x23, ALIVE: 0x40, ERROR: 0x41, BYE: 0x43,
};

/** Kinds of items; others are acknowledged and not shown. */
export const Item = { MESSAGE: 1, OFFER: 2, TAKEN: 3, DECLINED: 4 };

/** Longest content of a frame, longest text, and how much may be said and not be acknowledged. */
export const MAX_CONTENT = 64 << 10;
export const MAX_TEXT_BYTES = 16 << 10;
const MAX_HELD = 256;
const SPEAKER_BYTES = 16;
const NOBODY = new Uint8Array(SPEAKER_BYTES);
const LATEST_MS = 253_402_300_799_999;

/** A frame without content. */
export const bare = (kind) => new FrameBuilder(kind).toFrame();

export const helloFrame = ({ speaker, first, heard, received }) =>
  new FrameBuilder(ChatKind.HELLO).short(VERSION).short(VERSION).bytes(speaker).long(first).bytes(heard).long(received).toFrame();

export function readHello(content) {
  const fields = new Fields(content);
  const [lowest, highest] = [fields.short(), fields.short()];
  const hello = { speaker: fields.bytes(SPEAKER_BYTES).slice(), first: fields.size(), heard: fields.bytes(SPEAKER_BYTES).slice(), received: fields.size() };
  if (lowest > VERSION || highest < VERSION) {
    throw new PeerError('protocol.version', 'The two programs speak no common version of chats.');
  }
  if (hello.first < 1) {
    throw broken();
  }
  return hello;
}

export const itemFrame = ({ number, kind, sent, file, size, text }) => new FrameBuilder(ChatKind.ITEM).long(number).byte(kind).long(sent).long(file).long(size).bytes(utf8(text)).toFrame();

export function readItem(content) {
  const fields = new Fields(content);
  const item = { number: fields.size(), kind: fields.byte(), sent: fields.size(), file: fields.size(), size: fields.size() };
  if (item.number < 1 || item.sent > LATEST_MS || fields.left > MAX_TEXT_BYTES) {
    throw broken();
  }
  return { ...item, text: textOf(fields.rest()) };
}

export const receivedFrame = (number) => new FrameBuilder(ChatKind.RECEIVED).long(number).toFrame();

export function readReceived(content) {
  const fields = new Fields(content);
  const number = fields.size();
  fields.end();
  return number;
}

export const typingFrame = (isTyping) => new FrameBuilder(ChatKind.TYPING).byte(isTyping ? 1 : 0).toFrame();

export function readTyping(content) {
  const fields = new Fields(content);
  const isTyping = fields.byte() === 1;
  fields.end();
  return isTyping;
}

export function errorFrame({ code, message }) {
  return new FrameBuilder(ChatKind.ERROR).text(code).bytes(utf8(message)).toFrame();
}

export function readError(content) {
  const fields = new Fields(content);
  return new PeerError(fields.text(100), textOf(fields.rest()).slice(0, 300));
}

/** A frame of one way of one file: 1 when the speaker offered it (1) | file (8) | try (4), and what follows. */
export function fileFrame(kind, { isMine, file, attempt }, rest = new Uint8Array(0)) {
  return new FrameBuilder(kind).byte(isMine ? 1 : 0).long(file).int(attempt).bytes(rest).toFrame();
}

/** An own file is done, or given up: no way of it follows. */
export const doneFrame = (file) => fileFrame(ChatKind.FILE_CLOSE, { isMine: true, file, attempt: 0 });

export function creditFrame(route, bytes) {
  return fileFrame(ChatKind.FILE_CREDIT, route, new FrameBuilder(0).int(bytes).content);
}

/** Reads a frame of a file; the route is turned round, so that `isMine` is true of what this end offered. */
export function readFile(kind, content) {
  const fields = new Fields(content);
  const [theirs, file, attempt] = [fields.byte(), fields.size(), fields.int()];
  if (theirs > 1 || file < 1 || (attempt < 1 && kind !== ChatKind.FILE_CLOSE)) {
    throw broken();
  }
  return { isMine: theirs === 0, file, attempt, rest: fields.rest() };
}

export function readCredit(rest) {
  const fields = new Fields(rest);
  const bytes = fields.int();
  fields.end();
  if (bytes < 1) {
    throw broken();
  }
  return bytes;
}

/** What one end said and heard: numbers, what is not acknowledged, and what came before. It outlives paths and sessions. */
export class ChatState {
  #speaker;
  #held = [];
  #next = 1;
  #sent = 0;
  #heard = NOBODY;
  #received = 0;

  /** @param {Uint8Array} speaker 16 random bytes of this run of the page. */
  constructor(speaker) {
    this.#speaker = speaker;
  }

  /** Whether more may be said. */
  get hasRoom() {
    return this.#held.length < MAX_HELD;
  }

  /** How much was said and not acknowledged. */
  get waiting() {
    return this.#held.length;
  }

  /** Up to which number the other end's words are here. */
  get received() {
    return this.#received;
  }

  /** Says something; it leaves when a path takes it. Returns its number. */
  say(kind, sent, { file = 0, size = 0, text = '' }) {
    if (utf8(text).length > MAX_TEXT_BYTES) {
      throw new PeerError('message.too_large', 'A message has at most 16 KiB: send longer text as a file.');
    }
    if (!this.hasRoom) {
      throw new PeerError('unavailable', 'The other end has acknowledged nothing for a while: wait until it does.');
    }
    this.#held.push({ number: this.#next, kind, sent, file, size, text });
    return this.#next++;
  }

  /** What this end says first on a path. */
  hello() {
    return { speaker: this.#speaker, first: this.#first, heard: this.#heard, received: this.#received };
  }

  /** Whether another run of the other end's program says this than the one that was heard before. */
  isAnew({ speaker }) {
    return !areEqual(this.#heard, NOBODY) && !areEqual(this.#heard, speaker);
  }

  /** Begins a path with what the other end said first. Returns the last number that it has. */
  begin(theirs) {
    if (areEqual(theirs.speaker, this.#speaker) || areEqual(theirs.speaker, NOBODY)) {
      throw broken();
    }
    if (!areEqual(theirs.speaker, this.#heard)) {
      [this.#heard, this.#received] = [theirs.speaker, theirs.first - 1];
    } else if (theirs.first > this.#received + 1) {
      throw broken();
    }
    const known = areEqual(theirs.heard, this.#speaker) ? theirs.received : 0;
    this.acknowledge(known);
    this.#sent = this.#first - 1;
    return known;
  }

  /** The next thing that this path has not carried. */
  next() {
    const item = this.#held.find(({ number }) => number > this.#sent);
    this.#sent = item?.number ?? this.#sent;
    return item;
  }

  /** Takes what the other end says; false for what came before. */
  take({ number }) {
    if (number > this.#received + 1) {
      throw broken();
    }
    const isNew = number > this.#received;
    this.#received = Math.max(this.#received, number);
    return isNew;
  }

  /** The other end has everything up to a number. */
  acknowledge(number) {
    if (number >= this.#next) {
      throw broken();
    }
    while (this.#held.length > 0 && this.#held[0].number <= number) {
      this.#held.shift();
    }
  }

  get #first() {
    return this.#held[0]?.number ?? this.#next;
  }
}
