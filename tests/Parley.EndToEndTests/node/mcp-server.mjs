// A server of the Model Context Protocol by its own SDK: over standard streams, or over HTTP on a free port.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const numbers = { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] };
const nothing = { type: "object", properties: {} };
const text = value => ({ content: [{ type: "text", text: String(value) }] });

function makeServer() {
  const server = new Server({ name: "stand-in", version: "1.0.0" }, { capabilities: { tools: { listChanged: true } } });
  const tools = [
    { name: "add", description: "Adds", inputSchema: numbers },
    { name: "variable", description: "Reads a variable", inputSchema: { type: "object", properties: { name: { type: "string" } } } },
    { name: "fail", description: "Fails", inputSchema: nothing },
    { name: "slow", description: "Never answers", inputSchema: nothing },
    { name: "crash", description: "Ends the server", inputSchema: nothing },
    { name: "grow", description: "Adds a tool", inputSchema: nothing },
  ];
  const calls = {
    add: ({ a, b }) => text(a + b),
    variable: ({ name }) => text(process.env[name] ?? "unset"),
    fail: () => ({ ...text("no luck"), isError: true }),
    slow: () => new Promise(() => {}),
    crash: () => process.exit(3),
    grow: async () => {
      tools.push({ name: "grown", description: "New", inputSchema: nothing });
      await server.sendToolListChanged();
      return text("grown");
    },
    grown: () => text("new"),
  };
  // Two a page, so that a client has to turn them.
  server.setRequestHandler(ListToolsRequestSchema, request => {
    const from = Number(request.params?.cursor ?? 0);
    return { tools: tools.slice(from, from + 2), ...(from + 2 < tools.length ? { nextCursor: String(from + 2) } : {}) };
  });
  server.setRequestHandler(CallToolRequestSchema, request => calls[request.params.name](request.params.arguments ?? {}));
  return server;
}

if (process.argv[2] === "stdio") {
  await makeServer().connect(new StdioServerTransport());
} else {
  const sessions = new Map();
  const http = createServer(async (request, response) => {
    if (request.headers.authorization !== "Bearer test") {
      response.writeHead(401).end();
      return;
    }
    const known = sessions.get(request.headers["mcp-session-id"]);
    if (known) {
      await known.handleRequest(request, response);
    } else if (request.method === "POST" && !request.headers["mcp-session-id"]) {
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, onsessioninitialized: id => sessions.set(id, transport) });
      await makeServer().connect(transport);
      await transport.handleRequest(request, response);
    } else {
      response.writeHead(404).end();
    }
  });
  http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}/mcp`));
  // A line on standard input forgets all sessions, as a restart would.
  process.stdin.on("data", () => sessions.clear());
  process.stdin.on("end", () => process.exit(0));
}
