// What a client by the protocol's own SDK meets: node mcp-client.mjs stdio COMMAND ARGS... | http URL KEY. Reads calls as JSON lines {"tool","arguments"} and prints a line for each result.
import readline from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [, , kind, ...rest] = process.argv;
const transport = kind === 'stdio'
  ? new StdioClientTransport({ command: rest[0], args: rest.slice(1), env: process.env })
  : new StreamableHTTPClientTransport(new URL(rest[0]), { requestInit: { headers: { Authorization: `Bearer ${rest[1]}` } } });
const client = new Client({ name: 'stranger', version: '1.0.0' });
await client.connect(transport);
await client.ping();
const { tools } = await client.listTools();
console.log(JSON.stringify({
  server: client.getServerVersion().name,
  tools: tools.map((tool) => tool.name),
  readOnly: tools.filter((tool) => tool.annotations.readOnlyHint).map((tool) => tool.name),
}));

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { tool, arguments: args, progress } = JSON.parse(line);
  const steps = [];
  try {
    const options = progress ? { onprogress: (step) => steps.push(step.message) } : {};
    const result = await client.callTool({ name: tool, arguments: args }, undefined, options);
    console.log(JSON.stringify({ text: result.content.map((block) => block.text), isError: result.isError ?? false, unread: result._meta['parley/unread'], steps }));
  } catch (error) {
    console.log(JSON.stringify({ refused: error.code }));
  }
}

await transport.terminateSession?.();
await client.close();
