// A stranger that asks a peer by docs/protocol/peer-api.md alone: pinned TLS, its own EdDSA JWT.
// node peer-client.mjs PORT CERT_PEM_FILE KEY_PEM_FILE ISSUER AUDIENCE MESSAGE
import { createHash, createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const [port, certificate, keyFile, issuer, audience, message] = process.argv.slice(2);
const key = createPrivateKey(readFileSync(keyFile));
const body = Buffer.from(JSON.stringify({ model: 'default', messages: [{ role: 'user', content: message }] }));
const path = '/v1/chat/completions';
const now = Math.floor(Date.now() / 1000);
const encode = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
const signed = `${encode({ alg: 'EdDSA', typ: 'parley-peer+jwt' })}.${encode({
  iss: issuer, aud: audience, iat: now, exp: now + 60, jti: randomUUID(), htm: 'POST', path,
  bh: createHash('sha256').update(body).digest('base64url'), hops: 5,
})}`;
const token = `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;

const call = request(
  {
    host: '127.0.0.1', port, path, method: 'POST', ca: readFileSync(certificate), minVersion: 'TLSv1.3', checkServerIdentity: () => undefined,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': body.length },
  },
  async (response) => {
    let text = '';
    for await (const chunk of response) text += chunk;
    console.log(`${response.statusCode} ${JSON.parse(text).choices?.[0].message.content ?? text}`);
  },
);
call.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
call.end(body);
