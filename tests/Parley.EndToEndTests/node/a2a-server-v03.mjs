// The reference server of A2A 0.3 over its three bindings: node a2a-server-v03.mjs. Prints its HTTP port; ends when its standard input does.
import express from 'express';
import grpc from '@grpc/grpc-js';
import {
  DefaultExecutionEventBusManager, DefaultPushNotificationSender, DefaultRequestHandler, InMemoryPushNotificationStore, InMemoryTaskStore,
} from '@a2a-js/sdk-03/server';
import { agentCardHandler, jsonRpcHandler, restHandler } from '@a2a-js/sdk-03/server/express';
import { A2AService, grpcService } from '@a2a-js/sdk-03/server/grpc';

const part = (text) => ({ kind: 'text', text });
const file = { kind: 'file', file: { bytes: Buffer.from([0, 1, 255]).toString('base64'), name: 'a.bin', mimeType: 'application/octet-stream' } };
// Without null: this version's gRPC cannot write one.
const data = { kind: 'data', data: { answer: 42, list: [1, 'two'] } };
let messages = 0;
const message = (context, text) => ({ kind: 'message', messageId: `reply-${++messages}`, contextId: context.contextId, role: 'agent', parts: [part(text)] });
const status = (context, state, final, text) => ({
  kind: 'status-update', taskId: context.taskId, contextId: context.contextId, final,
  status: { state, message: text ? message(context, text) : undefined, timestamp: new Date().toISOString() },
});
const artifact = (context, parts, append, lastChunk) => ({
  kind: 'artifact-update', taskId: context.taskId, contextId: context.contextId, append, lastChunk, artifact: { artifactId: 'answer', name: 'answer', parts },
});
const running = new Map();

const executor = {
  async execute(context, bus) {
    const text = context.userMessage.parts.map((one) => one.text ?? '').join('');
    if (text === 'hello') {
      bus.publish(message(context, 'Hello, world!'));
      bus.finished();
      return;
    }
    if (!context.task) {
      bus.publish({
        kind: 'task', id: context.taskId, contextId: context.contextId, artifacts: [], history: [context.userMessage], status: { state: 'submitted', timestamp: new Date().toISOString() },
      });
    }
    bus.publish(status(context, 'working', false));
    if (text === 'slow') {
      running.set(context.taskId, context);
      await new Promise((resolve) => { context.stop = resolve; });
      bus.publish(status(context, 'canceled', true));
    } else if (text === 'ask') {
      bus.publish(status(context, 'input-required', true, 'Which one?'));
    } else if (text === 'break') {
      throw new Error('it \u001b[31mbroke');
    } else {
      bus.publish(artifact(context, [part('one ')], false, false));
      bus.publish(artifact(context, [part('two ')], true, false));
      bus.publish(artifact(context, [part('three'), file, data], true, true));
      bus.publish(status(context, 'completed', true));
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
  const card = {
    name: 'Old reference', description: 'Says what it is told to.', protocolVersion: '0.3.0', version: '1.0.0', url: `${base}/rpc`, preferredTransport: 'JSONRPC',
    capabilities: { streaming: true, pushNotifications: true }, supportsAuthenticatedExtendedCard: true,
    additionalInterfaces: [
      { url: `${base}/rpc`, transport: 'JSONRPC' },
      { url: `${base}/rest`, transport: 'HTTP+JSON' },
      { url: `127.0.0.1:${grpcPort}`, transport: 'GRPC' },
    ],
    defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'], skills: [{ id: 'talk', name: 'Talk', description: 'Talks.', tags: ['talk'] }],
  };
  const pushes = new InMemoryPushNotificationStore();
  const requestHandler = new DefaultRequestHandler(
    card, new InMemoryTaskStore(), executor, new DefaultExecutionEventBusManager(), pushes, new DefaultPushNotificationSender(pushes), { ...card, name: 'Old reference, extended' });
  const userBuilder = async () => ({ isAuthenticated: true, userName: 'caller' });
  // The place of 0.2 and of the oldest servers, on purpose: callers must look there too.
  app.use('/.well-known/agent.json', agentCardHandler({ agentCardProvider: requestHandler }));
  app.use('/rpc', jsonRpcHandler({ requestHandler, userBuilder }));
  app.use('/rest', restHandler({ requestHandler, userBuilder }));
  server.addService(A2AService, grpcService({ requestHandler, userBuilder }));
  process.stdout.write(`${port}\n`);
}

process.stdin.on('end', () => process.exit(0)).resume();
