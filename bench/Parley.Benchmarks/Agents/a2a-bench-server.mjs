// An agent that answers at once with a task, on A2A's own server of 1.0 over JSON-RPC and gRPC, tasks in memory. Prints its two ports; ends when its standard input does.
import express from 'express';
import grpc from '@grpc/grpc-js';
import { AgentEvent, DefaultExecutionEventBusManager, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler } from '@a2a-js/sdk/server/express';
import { A2AService, grpcService } from '@a2a-js/sdk/server/grpc';

const executor = {
  async execute(context, bus) {
    const text = context.userMessage.parts.map((one) => (one.content?.$case === 'text' ? one.content.value : '')).join('');
    const { taskId, contextId } = context;
    const status = (state) => ({ state, message: undefined, timestamp: new Date().toISOString() });
    bus.publish(AgentEvent.task({ id: taskId, contextId, artifacts: [], history: [context.userMessage], metadata: {}, status: status(1) }));
    bus.publish(AgentEvent.artifactUpdate({
      taskId, contextId, append: false, lastChunk: true, metadata: {},
      artifact: {
        artifactId: 'answer', name: '', description: '', metadata: {}, extensions: [],
        parts: [{ content: { $case: 'text', value: text }, metadata: {}, filename: '', mediaType: '' }],
      },
    }));
    bus.publish(AgentEvent.statusUpdate({ taskId, contextId, metadata: {}, status: status(3) }));
    bus.finished();
  },
  async cancelTask() {},
};

const app = express();
const server = new grpc.Server();
const http = app.listen(0, '127.0.0.1', () => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  const card = {
    name: 'Bench', description: 'Answers.', version: '1.0.0', provider: undefined, documentationUrl: undefined, iconUrl: undefined,
    capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: false, extensions: [] },
    supportedInterfaces: [
      { url: `http://127.0.0.1:${http.address().port}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' },
      { url: `127.0.0.1:${port}`, protocolBinding: 'GRPC', protocolVersion: '1.0', tenant: '' },
    ],
    securitySchemes: {}, securityRequirements: [], signatures: [], defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'],
    skills: [{ id: 'talk', name: 'Talk', description: 'Talks.', tags: ['talk'], examples: [], inputModes: [], outputModes: [], securityRequirements: [] }],
  };
  const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor, new DefaultExecutionEventBusManager());
  const userBuilder = async () => ({ isAuthenticated: false, userName: '' });
  app.use('/rpc', jsonRpcHandler({ requestHandler, userBuilder }));
  server.addService(A2AService, grpcService({ requestHandler, userBuilder }));
  process.stdout.write(`${http.address().port} ${port}\n`);
}));

process.stdin.on('end', () => process.exit(0)).resume();
