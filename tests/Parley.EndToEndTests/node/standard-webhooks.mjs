// Verifies webhooks that it receives and signs one that it sends, with the library of Standard Webhooks.
// Arguments: nothing. Reads one JSON line from standard input: {"secret","hook"}; before it prints {"port"}, and after it one line for each webhook, and {"sent": status} for its own.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

let webhook;
const say = value => process.stdout.write(JSON.stringify(value) + "\n");
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  try {
    const seen = webhook.verify(body, request.headers);
    say({ id: request.headers["webhook-id"], type: seen.type, data: seen.data });
    response.writeHead(204).end();
  } catch (error) {
    say({ refused: String(error) });
    response.writeHead(400).end();
  }
});

server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
for await (const line of createInterface({ input: process.stdin })) {
  const { secret, hook } = JSON.parse(line);
  webhook = new Webhook(secret);
  const body = JSON.stringify({ type: "workflow.complete", timestamp: new Date().toISOString(), data: { workflow_id: "from-outside" } });
  const now = new Date();
  const headers = { "webhook-id": "msg_out_1", "webhook-timestamp": Math.floor(now / 1000).toString(), "webhook-signature": webhook.sign("msg_out_1", now, body) };
  const answer = await fetch(hook, { method: "POST", body, headers: { ...headers, "content-type": "application/json" } });
  const forged = await fetch(hook, { method: "POST", body: body.replace("outside", "nowhere"), headers: { ...headers, "content-type": "application/json" } });
  say({ sent: answer.status, forged: forged.status });
}
