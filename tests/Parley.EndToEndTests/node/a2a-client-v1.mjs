// A2A's own client of 1.0 against an agent of a hub. Arguments: the agent's base address, the binding. The key comes on standard input. Prints what it saw as JSON.
import { Role, TaskState } from '@a2a-js/sdk';
import { readFileSync } from 'node:fs';
import { ClientFactory, ClientFactoryOptions, DefaultAgentCardResolver, JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk/client';
import { GrpcTransportFactory } from '@a2a-js/sdk/client/grpc';

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

const message = (text, more = {}) => ({
  tenant: '',
  message: { messageId: crypto.randomUUID(), contextId: '', taskId: '', role: Role.ROLE_USER, parts: [{ content: { $case: 'text', value: text }, filename: '', mediaType: '', metadata: undefined }], metadata: undefined, extensions: [], referenceTaskIds: [], ...more },
  configuration: undefined,
  metadata: undefined,
});
const textOf = (task) => task.artifacts.flatMap((artifact) => artifact.parts).map((part) => part.content?.value ?? '').join('');
const seen = { card: card.name, interfaces: card.supportedInterfaces.map((one) => `${one.protocolBinding} ${one.protocolVersion}`) };

const task = await client.sendMessage(message('one'), options);
seen.send = { id: task.id, state: TaskState[task.status.state], text: textOf(task), context: task.contextId };

seen.stream = { kinds: [], text: '' };
for await (const event of client.sendMessageStream(message('two', { contextId: task.contextId }), options)) {
  seen.stream.kinds.push(event.payload.$case);
  if (event.payload.$case === 'artifactUpdate') {
    seen.stream.text += event.payload.value.artifact.parts.map((part) => part.content.value).join('');
  }
  if (event.payload.$case === 'statusUpdate') {
    seen.stream.state = TaskState[event.payload.value.status.state];
  }
  seen.stream.id ??= event.payload.value.id;
}

const again = await client.getTask({ tenant: '', id: task.id, historyLength: 1 }, options);
seen.get = { state: TaskState[again.status.state], history: again.history.length, text: textOf(again) };
const list = await client.listTasks({ tenant: '', contextId: task.contextId, status: TaskState.TASK_STATE_UNSPECIFIED, pageToken: '' }, options);
seen.list = list.tasks.map((one) => one.id);

const refused = async (call) => {
  try {
    await call();
    return 'done';
  } catch (error) {
    return error.name;
  }
};
seen.unknown = await refused(() => client.getTask({ tenant: '', id: 'no-such-task' }, options));
seen.ended = await refused(() => client.cancelTask({ tenant: '', id: task.id }, options));
console.log(JSON.stringify(seen));
