// What all views share: elements without markup, numbers for people, sentences for what went wrong. Words of others reach the page as text alone.

/** An element of the page by its id. */
export const byId = (id) => document.getElementById(id);

/** A new element; `properties` are set as they are, those with a dash as attributes; children are nodes or text, never markup. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-') || name === 'role') {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A button. */
export const button = (text, onclick, properties = {}) => make('button', { type: 'button', onclick, textContent: text, ...properties });

/** Has a screen reader say something, politely. */
export function announce(text) {
  byId('announcer').textContent = '';
  setTimeout(() => { byId('announcer').textContent = text; }, 50);
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people, in steps of 1,000. */
export function bytesText(bytes) {
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) {
    value /= 1000;
  }
  if (bytes === 1) {
    return '1 byte';
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Seconds for people. */
export function durationText(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  const pad = (value) => String(value).padStart(2, '0');
  return whole < 60 ? `${whole} s` : whole < 3600 ? `${Math.floor(whole / 60)}:${pad(whole % 60)} min` : `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)} h`;
}

/** "1 file", "3 files". */
export const countText = (count, one) => `${count.toLocaleString()} ${one}${count === 1 ? '' : 's'}`;

const MENDS = {
  'agent.offline': 'Whoever runs it can start it again; then try once more.',
  'agent.unknown': 'Ask who invited you for another link.',
  'agent.revoked': '',
  'canceled': '',
  'contact.blocked': 'Ask who invited you.',
  'deadline_exceeded': 'Ask whoever is at the other end to look.',
  'integrity.failed': 'Something changed it on the way: send it again, and tell who runs the hub if it stays.',
  'invalid_argument': '',
  'join.refused': 'Ask who invited you for another link.',
  'link.replaced': 'Close the other window, or go on there.',
  'message.too_large': '',
  'peer.key_changed': 'Ask who invited you, by another way than this one, before you go on.',
  'peer.proof': 'Ask who invited you, by another way than this one, before you go on.',
  'peer.unreachable': 'Another network may do, or whoever invited you can name a relay: parley p2p with --ice-server.',
  'permission_denied': 'Ask whoever is at the other end.',
  'protocol.version': 'Whoever runs the older of hub and agent can update it; then reload this page.',
  'protocol.violation': 'This is a defect at one of the two ends: tell who invited you.',
  'rate_limited': 'Wait a minute, then try again.',
  'transfer.changed': 'Pick the file again and send it again.',
  'transfer.declined': 'Ask whoever is at the other end.',
  'transfer.file': 'Check the file, then send it again.',
  'transfer.path': '',
  'transfer.space': 'Whoever receives can make room; then send it again.',
  'unavailable': 'Who runs the hub can help if it stays; try again in a minute.',
  'unsupported': '',
};

/** What went wrong and who can mend it, in plain words. */
export function explain(error) {
  if (error?.code === undefined || typeof error.code !== 'string') {
    console.error(error);
    return 'Something in this page failed. Reload it and try again; tell who runs the hub if it stays.';
  }
  const sentence = String(error.message).replace(/[.\s]*$/, '.');
  return `${sentence} ${MENDS[error.code] ?? 'Tell who invited you.'}`.trim();
}

const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Words of another person: their lines stay, characters that hide or turn others round become visible. */
export const wordsOf = (text) => text.replace(/\r\n?/g, '\n').replace(HIDDEN, (one) => ('\n\t\u200c\u200d'.includes(one) ? one : '\ufffd'));

/** How far something is: rate over the last seconds, and the time left. */
export class Meter {
  #samples = [];

  /** Takes where it is now; text like "12 MB of 40 MB, 3.1 MB/s, 9 s left". */
  describe(bytes, totalBytes) {
    const now = performance.now();
    this.#samples = this.#samples.filter(({ at }) => now - at < 5000);
    if (this.#samples.length > 0 && bytes < this.#samples.at(-1).bytes) {
      this.#samples = [];
    }
    this.#samples.push({ at: now, bytes });
    const [first] = this.#samples;
    const rate = now - first.at > 400 ? (bytes - first.bytes) / ((now - first.at) / 1000) : 0;
    const parts = [totalBytes >= 0 ? `${bytesText(bytes)} of ${bytesText(totalBytes)}` : bytesText(bytes)];
    if (rate > 0) {
      parts.push(`${bytesText(rate)}/s`);
      if (totalBytes >= 0) {
        parts.push(`${durationText((totalBytes - bytes) / rate)} left`);
      }
    }
    return parts.join(', ');
  }
}

/** A bar with words beside it, for one transfer. */
export class ProgressView {
  #bar = make('progress', { max: 1, value: 0 });
  #text = make('p', { className: 'figures' });
  #meter = new Meter();
  #drawnAt = 0;

  constructor(name) {
    this.#bar.setAttribute('aria-label', name);
    this.element = make('div', { className: 'progress' }, this.#bar, this.#text);
  }

  /** Shows where a transfer is; several times a second is enough. */
  show(progress, waiting) {
    const { state, bytes, totalBytes, path, current } = progress;
    const now = performance.now();
    if (state === 'running' && now - this.#drawnAt < 200) {
      return;
    }
    this.#drawnAt = now;
    if (state === 'connecting' || state === 'deciding') {
      this.#text.textContent = waiting(state);
      if (state === 'deciding') {
        this.#bar.removeAttribute('value');
      }
    } else {
      this.#text.textContent = [this.#meter.describe(bytes, totalBytes), path, current].filter(Boolean).join(' · ');
      if (totalBytes > 0) {
        this.#bar.value = bytes / totalBytes;
      }
    }
  }
}

/** Keeps a phone's screen on while something runs, where the browser can. */
export async function awake(running) {
  const lock = await navigator.wakeLock?.request('screen').catch(() => null);
  try {
    return await running;
  } finally {
    lock?.release().catch(() => {});
  }
}

/** Offers something under a name to the browser's downloads. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make('a', { href: url, download: name }).click();
  // The browser reads it for as long as the download takes.
  setTimeout(() => URL.revokeObjectURL(url), 600_000);
}
