// A2A's own client of 0.3, which sends no version, against an agent of a hub. Arguments: the agent's base address, the binding. The key comes on standard input. Prints what it saw as JSON.
import { readFileSync } from 'node:fs';
import { ClientFactory, ClientFactoryOptions, DefaultAgentCardResolver, JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk-03/client';
import { GrpcTransportFactory } from '@a2a-js/sdk-03/client/grpc';

const [base, binding] = process.argv.slice(2);
const key = readFileSync(0, 'utf8').trim();
const fetchImpl = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } });
// gRPC has no fetch: there the key is metadata of each call.
const options = binding === 'GRPC' ? { serviceParameters: { authorization: `Bearer ${key}` } } : undefined;
const factory = new ClientFactory(ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
  transports: [new JsonRpcTransportFactory({ fetchImpl }), new RestTransportFactory({ fetchImpl }), new GrpcTransportFactory()],
  preferredTransports: [binding],
  cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
}));
const client = await factory.createFromUrl(`${base}/.well-known/agent-card.json`, '');
const card = await client.getAgentCard(options);

const message = (text, more = {}) => ({ message: { kind: 'message', messageId: crypto.randomUUID(), role: 'user', parts: [{ kind: 'text', text }], ...more } });
const textOf = (task) => (task.artifacts ?? []).flatMap((artifact) => artifact.parts).map((part) => part.text).join('');
const seen = { card: card.name, version: card.protocolVersion };

const task = await client.sendMessage(message('one'), options);
seen.send = { id: task.id, kind: task.kind, state: task.status.state, text: textOf(task), context: task.contextId };

seen.stream = { kinds: [], text: '' };
for await (const event of client.sendMessageStream(message('two', { contextId: task.contextId }), options)) {
  seen.stream.kinds.push(event.kind);
  if (event.kind === 'artifact-update') {
    seen.stream.text += event.artifact.parts.map((part) => part.text).join('');
  }
  if (event.kind === 'status-update') {
    seen.stream.state = event.status.state;
    seen.stream.final = event.final;
  }
}

const again = await client.getTask({ id: task.id, historyLength: 1 }, options);
seen.get = { state: again.status.state, history: again.history.length, text: textOf(again) };

const refused = async (call) => {
  try {
    await call();
    return 'done';
  } catch (error) {
    return error.constructor.name;
  }
};
seen.unknown = await refused(() => client.getTask({ id: 'no-such-task' }, options));
seen.ended = await refused(() => client.cancelTask({ id: task.id }, options));
console.log(JSON.stringify(seen));
