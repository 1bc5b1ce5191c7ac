// The reference server of A2A 1.0 over its three bindings: node a2a-server-v1.mjs. Prints its HTTP port; ends when its standard input does.
import { generateKeyPairSync } from 'node:crypto';
import express from 'express';
import grpc from '@grpc/grpc-js';
import { generateAgentCardSignature } from '@a2a-js/sdk';
import {
  AgentEvent, DefaultExecutionEventBusManager, DefaultPushNotificationSender, DefaultRequestHandler, InMemoryPushNotificationStore, InMemoryTaskStore,
} from '@a2a-js/sdk/server';
import { agentCardHandler, jsonRpcHandler, restHandler } from '@a2a-js/sdk/server/express';
import { A2AService, grpcService } from '@a2a-js/sdk/server/grpc';

const State = { submitted: 1, working: 2, completed: 3, failed: 4, canceled: 5, inputRequired: 6 };
const part = (value) => ({ content: { $case: 'text', value }, metadata: {}, filename: '', mediaType: 'text/plain' });
const file = { content: { $case: 'raw', value: Buffer.from([0, 1, 255]) }, metadata: {}, filename: 'a.bin', mediaType: 'application/octet-stream' };
const data = { content: { $case: 'data', value: { answer: 42, list: [1, 'two', null] } }, metadata: {}, filename: '', mediaType: 'application/json' };
let messages = 0;
const message = (context, text) => ({
  messageId: `reply-${++messages}`, contextId: context.contextId, taskId: context.taskId, role: 2, parts: [part(text)], metadata: {}, extensions: [], referenceTaskIds: [],
});
const status = (context, state, text) => AgentEvent.statusUpdate({
  taskId: context.taskId, contextId: context.contextId, metadata: {},
  status: { state, message: text ? message(context, text) : undefined, timestamp: new Date().toISOString() },
});
const artifact = (context, parts, append, lastChunk) => AgentEvent.artifactUpdate({
  taskId: context.taskId, contextId: context.contextId, append, lastChunk, metadata: {},
  artifact: { artifactId: 'answer', name: 'answer', description: '', parts, metadata: {}, extensions: [] },
});
const running = new Map();

const executor = {
  async execute(context, bus) {
    const text = context.userMessage.parts.map((one) => (one.content?.$case === 'text' ? one.content.value : '')).join('');
    if (text === 'hello') {
      bus.publish(AgentEvent.message({ ...message(context, 'Hello, world!'), taskId: '' }));
      bus.finished();
      return;
    }
    // A stream begins with the task, as it is before this message, or new.
    bus.publish(AgentEvent.task(context.task ?? {
      id: context.taskId, contextId: context.contextId, artifacts: [], history: [context.userMessage], metadata: {},
      status: { state: State.submitted, message: undefined, timestamp: new Date().toISOString() },
    }));
    bus.publish(status(context, State.working));
    if (text === 'slow') {
      running.set(context.taskId, context);
      await new Promise((resolve) => { context.stop = resolve; });
      bus.publish(status(context, State.canceled));
    } else if (text === 'ask') {
      bus.publish(status(context, State.inputRequired, 'Which one?'));
    } else if (text === 'break') {
      throw new Error('it \u001b[31mbroke');
    } else {
      bus.publish(artifact(context, [part('one ')], false, false));
      bus.publish(artifact(context, [part('two ')], true, false));
      bus.publish(artifact(context, [part('three'), file, data], true, true));
      bus.publish(status(context, State.completed));
    }
    bus.finished();
  },
  async cancelTask(taskId) { running.get(taskId)?.stop(); },
};

const app = express();
const http = app.listen(0, '127.0.0.1', () => {
  const server = new grpc.Server();
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, grpcPort) => {
    if (error) throw error;
    start(http.address().port, server, grpcPort);
  });
});

function start(port, server, grpcPort) {
  const base = `http://127.0.0.1:${port}`;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const card = {
    name: 'Reference', description: 'Says what it is told to.', version: '1.0.0', provider: undefined, documentationUrl: undefined, iconUrl: undefined,
    capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true, extensions: [] },
    supportedInterfaces: [
      { url: `${base}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' },
      { url: `${base}/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0', tenant: '' },
      { url: `127.0.0.1:${grpcPort}`, protocolBinding: 'GRPC', protocolVersion: '1.0', tenant: '' },
    ],
    securitySchemes: {}, securityRequirements: [], signatures: [],
    defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'],
    skills: [{ id: 'talk', name: 'Talk', description: 'Talks.', tags: ['talk'], examples: [], inputModes: [], outputModes: [], securityRequirements: [] }],
  };
  const pushes = new InMemoryPushNotificationStore();
  const sign = generateAgentCardSignature(privateKey, { alg: 'ES256', kid: 'key-1', typ: 'JOSE', jku: `${base}/keys.json` });
  const requestHandler = new DefaultRequestHandler(
    card, new InMemoryTaskStore(), executor, new DefaultExecutionEventBusManager(), pushes, new DefaultPushNotificationSender(pushes), { ...card, name: 'Reference, extended' }, sign);
  const userBuilder = async (request) => {
    const proof = request.header ? request.header('authorization') : request.metadata?.get('authorization')[0];
    return { isAuthenticated: proof === 'Bearer let-me-in', userName: proof === 'Bearer let-me-in' ? 'caller' : '' };
  };
  app.get('/keys.json', (_request, response) => response.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1' }] }));
  app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: requestHandler }));
  app.use('/rpc', jsonRpcHandler({ requestHandler, userBuilder }));
  app.use('/rest', restHandler({ requestHandler, userBuilder }));
  server.addService(A2AService, grpcService({ requestHandler, userBuilder }));
  process.stdout.write(`${port}\n`);
}

process.stdin.on('end', () => process.exit(0)).resume();
