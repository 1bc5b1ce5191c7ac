// Protocol Buffers (proto3), as much of them as link.proto and peer.proto need: a schema is an object of fields,
// each `[number, type]`, or `[number, type, 'repeated']`. Types: 'uint', 'bool', 'string', 'bytes', or another schema.
// What a message does not know is skipped; what is malformed is refused, and nothing is reserved for what only claims to be there.

const MAX_REPEATED = 4096;
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const malformed = (what) => new RangeError(`malformed: ${what}`);

/** The bytes of a message. Members that are absent, empty, zero or false are left out, but for messages. */
export function encode(schema, message) {
  const out = [];
  for (const [name, [number, type, repeated]] of Object.entries(schema)) {
    const value = message[name];
    if (repeated) {
      for (const item of value ?? []) {
        writeField(out, number, type, item);
      }
    } else if (value !== undefined && value !== null && !isDefault(value)) {
      writeField(out, number, type, value);
    }
  }
  return Uint8Array.from(out);
}

const isDefault = (value) => value === 0 || value === 0n || value === false || value === '' || (value instanceof Uint8Array && value.length === 0);

function writeField(out, number, type, value) {
  if (type === 'uint' || type === 'bool') {
    writeVarint(out, (number << 3) | VARINT);
    writeVarint(out, value);
    return;
  }
  const bytes = type === 'bytes' ? value : type === 'string' ? new TextEncoder().encode(value) : encode(type, value);
  writeVarint(out, (number << 3) | LENGTH);
  writeVarint(out, bytes.length);
  for (const byte of bytes) {
    out.push(byte);
  }
}

function writeVarint(out, value) {
  let rest = BigInt(value);
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
}

/** The message in bytes: members that came, and an empty list for each that repeats. Throws RangeError when it is none. */
export function decode(schema, bytes) {
  const fields = fieldsOf(schema);
  const message = {};
  for (const [name, [, , repeated]] of Object.entries(schema)) {
    if (repeated) {
      message[name] = [];
    }
  }
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = readVarint(reader);
    const [number, wire] = [Number(tag >> 3n), Number(tag & 7n)];
    if (number === 0 || tag > 0xffffffffn) {
      throw malformed('a field without a number');
    }
    const field = fields.get(number);
    const raw = readRaw(reader, wire);
    if (!field || wire !== (field.type === 'uint' || field.type === 'bool' ? VARINT : LENGTH)) {
      continue;
    }
    const value = valueOf(field.type, raw);
    if (!field.repeated) {
      message[field.name] = value;
    } else if (message[field.name].push(value) > MAX_REPEATED) {
      throw malformed('too many');
    }
  }
  return message;
}

const known = new WeakMap();

function fieldsOf(schema) {
  if (!known.has(schema)) {
    known.set(schema, new Map(Object.entries(schema).map(([name, [number, type, repeated]]) => [number, { name, type, repeated: Boolean(repeated) }])));
  }
  return known.get(schema);
}

function readRaw(reader, wire) {
  switch (wire) {
    case VARINT:
      return readVarint(reader);
    case FIXED64:
      return take(reader, 8);
    case FIXED32:
      return take(reader, 4);
    case LENGTH: {
      const length = readVarint(reader);
      if (length > BigInt(reader.bytes.length - reader.at)) {
        throw malformed('longer than it is');
      }
      return take(reader, Number(length));
    }
    default:
      throw malformed('a wire type that is none');
  }
}

function take(reader, length) {
  if (length > reader.bytes.length - reader.at) {
    throw malformed('cut');
  }
  const piece = reader.bytes.subarray(reader.at, reader.at + length);
  reader.at += length;
  return piece;
}

function readVarint(reader) {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) {
      throw malformed('cut');
    }
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) {
      return BigInt.asUintN(64, value);
    }
  }
  throw malformed('a number without end');
}

function valueOf(type, raw) {
  switch (type) {
    case 'uint':
      if (raw > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw malformed('a number beyond what is counted here');
      }
      return Number(raw);
    case 'bool':
      return raw !== 0n;
    case 'bytes':
      return raw.slice();
    case 'string':
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
      } catch {
        throw malformed('text that is none');
      }
    default:
      return decode(type, raw);
  }
}
