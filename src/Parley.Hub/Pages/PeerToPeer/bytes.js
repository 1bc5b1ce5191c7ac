// Bytes: put together, compared, written as text.

/** A text as UTF-8. */
export const utf8 = (text) => new TextEncoder().encode(text);

/** Bytes one after another. */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number of 1, 2, 4 or 8 bytes, big endian. */
export function bigEndian(value, length) {
  const out = new Uint8Array(length);
  let rest = BigInt(value);
  for (let at = length - 1; at >= 0; at--, rest >>= 8n) {
    out[at] = Number(rest & 255n);
  }
  return out;
}

/** Whether two runs of bytes are the same, in a time that tells nothing about where they differ. */
export function areEqual(one, other) {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) {
    difference |= one[at] ^ (other[at] ?? 0);
  }
  return difference === 0;
}

/** `length` random bytes. */
export const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));

/** SHA-256. */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** Base64 (RFC 4648, section 4), as JSON carries bytes. */
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/** Reads base64url without padding (RFC 4648, section 5); null for anything else. */
export function fromBase64Url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    return null;
  }
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

/** Small hexadecimal letters, for keys of maps. */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Fields that are signed: a purpose, NUL, then each field with its length (u16, big endian) before it. */
export const signedFields = (purpose, fields) => concat(utf8(purpose), new Uint8Array(1), ...fields.flatMap((field) => [bigEndian(field.length, 2), field]));
