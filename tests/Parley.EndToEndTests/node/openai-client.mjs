// What a program with OpenAI's own client meets at a hub: node openai-client.mjs BASE_URL KEY. Prints one JSON object of what it saw.
import OpenAI from 'openai';

const [, , baseURL, apiKey] = process.argv;
const client = new OpenAI({ baseURL, apiKey });
const messages = [{ role: 'user', content: 'Hello!' }];
const seen = {};

// What a refusal is to a program that uses the client.
async function refusal(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { kind: error.constructor.name, status: error.status ?? null, code: error.code ?? null, param: error.param ?? null, type: error.type ?? null };
  }
}

seen.models = (await client.models.list()).data.map((model) => model.id);
seen.model = (await client.models.retrieve('echo')).id;

const whole = await client.chat.completions.create({ model: 'echo', messages });
seen.chat = { text: whole.choices[0].message.content, finish: whole.choices[0].finish_reason, usage: whole.usage ?? null };

let text = '';
const ids = new Set();
for await (const chunk of await client.chat.completions.create({ model: 'echo', messages, stream: true })) {
  ids.add(chunk.id);
  text += chunk.choices[0]?.delta?.content ?? '';
}

seen.stream = { text, ids: ids.size };

const helper = client.chat.completions.stream({ model: 'counter', messages, stream_options: { include_usage: true } });
let deltas = 0;
helper.on('content', () => deltas++);
const counted = await helper.finalChatCompletion();
seen.counted = { deltas, length: counted.choices[0].message.content.length, usage: counted.usage ?? null };

const first = await client.responses.create({ model: 'echo', input: 'one' });
const second = await client.responses.create({ model: 'echo', input: 'two', previous_response_id: first.id, store: true });
seen.responses = { first: first.output_text, second: second.output_text, kept: (await client.responses.retrieve(second.id)).output_text };
await client.responses.delete(second.id);

const types = [];
const stream = client.responses.stream({ model: 'echo', input: 'three' });
stream.on('event', (event) => types.push(event.type));
const final = await stream.finalResponse();
seen.responseStream = { text: final.output_text, status: final.status, first: types[0], last: types[types.length - 1] };

const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];

// The hub's own functions, as it lists them.
const functions = (await client.get('/tools')).data;
const called = await client.chat.completions.create({ model: 'caller', messages, tools: functions });
seen.tools = { names: functions.map((tool) => tool.function.name), call: called.choices[0].message.tool_calls[0].function, finish: called.choices[0].finish_reason };

const stranger = new OpenAI({ baseURL, apiKey: 'pk_nothing' });
seen.refusals = {
  key: await refusal(() => stranger.models.list()),
  model: await refusal(() => client.chat.completions.create({ model: 'nobody', messages })),
  n: await refusal(() => client.chat.completions.create({ model: 'echo', messages, n: 2 })),
  tools: await refusal(() => client.chat.completions.create({ model: 'echo', messages, tools })),
  offline: await refusal(() => client.chat.completions.create({ model: 'away', messages })),
  broken: await refusal(() => client.chat.completions.create({ model: 'broken', messages })),
  brokenStream: await refusal(async () => {
    for await (const chunk of await client.chat.completions.create({ model: 'broken', messages, stream: true })) {
      seen.brokenText = (seen.brokenText ?? '') + (chunk.choices[0]?.delta?.content ?? '');
    }
  }),
  previous: await refusal(() => client.responses.create({ model: 'echo', input: 'x', previous_response_id: 'resp_nothing' })),
};

console.log(JSON.stringify(seen));
