// Rules for names that travel, as docs/protocol/transfer.md has them under "Names": what one end sends must be a harmless name at the other, whatever system that has.
import { PeerError } from '../errors.js';
import { utf8 } from '../bytes.js';

const MAX_PATH_BYTES = 4096;
const MAX_PART_BYTES = 255;
const MAX_PARTS = 100;

// Control, format, surrogate, private, unassigned; separators of lines and paragraphs.
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const MEANINGFUL = /[\\:*?"<>|]/;
const DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i;

/** Why a path may not travel; null when it may. */
export function refusePath(path) {
  if (utf8(path).length > MAX_PATH_BYTES) {
    return 'is too long';
  }
  const parts = path.split('/');
  if (parts.length > MAX_PARTS) {
    return 'lies too deep';
  }
  for (const part of parts) {
    const reason = refusePart(part);
    if (reason) {
      return reason;
    }
  }
  return path.normalize('NFC') === path ? null : 'is not in normalization form C';
}

function refusePart(part) {
  if (part === '') {
    return 'is absolute, or has an empty part';
  }
  if (part === '.' || part === '..') {
    return 'climbs';
  }
  if (/^ |[. ]$/.test(part)) {
    return 'has a part that ends in a dot or a space, or begins with a space';
  }
  if (utf8(part).length > MAX_PART_BYTES) {
    return 'has a part of more than 255 bytes';
  }
  if (MEANINGFUL.test(part)) {
    return 'has a character that some systems give a meaning';
  }
  if (HIDDEN.test(part)) {
    return 'has a character that cannot be shown';
  }
  if (DEVICE.test(part)) {
    return 'is a device on Windows';
  }
  return /^\.parley-/i.test(part) ? 'is the name of a partial file of Parley' : null;
}

// One character for those that have one; what some systems take for the same is the same. Dotless i and the Kelvin sign's like stay what they are elsewhere too.
const foldOne = (character) => {
  if (character === '\u0131' || character === '\u0130') {
    return character;
  }
  const upper = character.toUpperCase();
  const simple = [...upper].length === 1 ? upper : character;
  const lower = simple.toLowerCase();
  return [...lower].length === 1 ? lower : simple;
};

/** One spelling for names that some system takes for the same. */
export const fold = (path) => Array.from(path.normalize('NFC'), foldOne).join('').replaceAll('\u017f', 's').normalize('NFC');

/** All paths of one manifest: none twice, none below a file, and folders before what is in them. */
export class PathTable {
  #isFolder = new Map();

  /** Takes the next entry. */
  add(path, isFolder, entry) {
    const refuse = (reason) => { throw new PeerError('transfer.path', `The name of entry ${entry} ${reason}.`); };
    const reason = refusePath(path);
    if (reason) {
      refuse(reason);
    }
    const folded = fold(path);
    const slash = folded.lastIndexOf('/');
    if (slash >= 0 && !this.#isFolder.get(folded.slice(0, slash))) {
      refuse('lies in a folder that was not announced');
    }
    if (this.#isFolder.has(folded)) {
      refuse('is that of another one, on some system or on all');
    }
    this.#isFolder.set(folded, isFolder);
  }
}
