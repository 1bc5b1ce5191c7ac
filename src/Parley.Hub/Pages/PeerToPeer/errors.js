// What goes wrong, by the names of docs/protocol/errors.md.

/** A refusal, or a session that is over. `code` is what programs look at, `message` is for people. */
export class PeerError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'PeerError';
    this.code = code;
  }
}

/** A path that broke: the session may have another. */
export class PathBroken extends Error {
  constructor(message = 'The way to the other machine broke.') {
    super(message);
    this.name = 'PathBroken';
  }
}

// Control, format, surrogate, private, unassigned; separators of lines and paragraphs.
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const MAX_SHOWN = 300;

/** Words of another end as one line without characters that hide, steer or run backwards, and not endless: for messages, headings and lists. */
export function plainText(text) {
  const characters = Array.from(String(text ?? ''), (one) => (HIDDEN.test(one) ? ' ' : one));
  return characters.length > MAX_SHOWN ? `${characters.slice(0, MAX_SHOWN).join('')}…` : characters.join('');
}
