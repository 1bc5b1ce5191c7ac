// grpc-js with no generated code: services from the .proto files, against an agent of a hub. Arguments: the hub's gRPC address, the folder of the .proto files, the agent. The key comes on standard input.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [address, folder, agent] = process.argv.slice(2);
const key = readFileSync(0, 'utf8').trim();
const load = (file) => grpc.loadPackageDefinition(loader.loadSync(join(folder, file), { defaults: true, oneofs: true, enums: String, includeDirs: [folder] }));
const v1 = new (load('a2a_v1.proto').lf.a2a.v1.A2AService)(address, grpc.credentials.createInsecure());
const v03 = new (load('a2a_v03.proto').a2a.v1.A2AService)(address, grpc.credentials.createInsecure());

const metadata = (more = {}) => {
  const all = new grpc.Metadata();
  for (const [name, value] of Object.entries({ authorization: `Bearer ${key}`, ...more })) all.set(name, value);
  return all;
};
const call = (client, method, request, more, options = {}) => new Promise((resolve) => {
  client[method](request, metadata(more), options, (error, answer) => resolve(error
    ? { code: error.code, details: error.details, reason: error.metadata.get('grpc-status-details-bin').map((value) => value.toString('latin1').match(/[A-Z]+(_[A-Z]+)+/)?.[0])[0] }
    : answer));
});
const stream = (client, method, request, more) => new Promise((resolve) => {
  const kinds = [];
  const running = client[method](request, metadata(more));
  let first;
  running.on('metadata', (headers) => { first = headers.get('parley-first-event')[0]; });
  running.on('data', (event) => kinds.push(event.payload));
  running.on('error', (error) => resolve({ kinds, code: error.code }));
  running.on('end', () => resolve({ kinds, first }));
});
const message = (text) => ({ messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text }] });

const seen = {};
seen.send = await call(v1, 'SendMessage', { tenant: agent, message: message('one') });
seen.stream = await stream(v1, 'SendStreamingMessage', { tenant: agent, message: message('two') });
seen.get = await call(v1, 'GetTask', { id: seen.send.task.id });
seen.unknown = await call(v1, 'GetTask', { tenant: agent, id: 'no-such-task' });
seen.nobody = await call(v1, 'SendMessage', { tenant: 'nobody', message: message('x') });
seen.card = await call(v1, 'GetExtendedAgentCard', { tenant: agent });
seen.guest = await call(v1, 'GetTask', { id: 'x' }, { authorization: 'Bearer pk_wrong' });
seen.ended = await stream(v1, 'SubscribeToTask', { tenant: agent, id: seen.send.task.id });
seen.old = await call(v03, 'SendMessage', { request: { ...message('three'), parts: undefined, content: [{ text: 'three' }] }, configuration: { blocking: true } }, { 'parley-agent': agent });
seen.oldStream = await stream(v03, 'SendStreamingMessage', { request: { ...message('four'), parts: undefined, content: [{ text: 'four' }] } }, { 'parley-agent': agent });
console.log(JSON.stringify(seen));
v1.close();
v03.close();
