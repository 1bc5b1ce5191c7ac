// Reads the link that ours wrote down. Arguments: the page's folder, the golden file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { readInvite } = await import(pathToFileURL(`${process.argv[2]}/invite.js`));
const fragment = new URL(readFileSync(process.argv[3], 'utf8').trim()).hash.slice(1);
const code = (expected) => (error) => error.code === expected;

assert.deepEqual(await readInvite(fragment), {
  hub: 'h_abcdefghij',
  visitor: 'local.bob',
  host: 'local.agent-a',
  hostKey: Uint8Array.from({ length: 32 }, (_, at) => at),
  secret: `iv_${'s'.repeat(32)}`,
  stun: ['stun:stun.example.org:3478', 'stun:[2001:db8::1]:3478'],
});
for (let at = 0; at < fragment.length; at++) {
  const other = fragment[at] === 'x' ? 'y' : 'x';
  await assert.rejects(readInvite(fragment.slice(0, at) + other + fragment.slice(at + 1)), code('invalid_argument'));
  await assert.rejects(readInvite(fragment.slice(0, at)), code('invalid_argument'));
}
console.log('read, and every change of it refused');
