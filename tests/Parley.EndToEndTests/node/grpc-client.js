// grpc-js as a client of our server: node grpc-client.js ADDRESS ECHO_PROTO. Prints one JSON object with what it saw.
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, proto] = process.argv.slice(2);
const { Echo } = grpc.loadPackageDefinition(loader.loadSync(proto, { defaults: true })).parley.test;
const client = new Echo(address, grpc.credentials.createInsecure());

function say(words, metadata, options) {
  return new Promise((resolve) => {
    const seen = {};
    const call = client.say(words, metadata ?? new grpc.Metadata(), options ?? {}, (error, reply) => {
      seen.code = error ? error.code : 0;
      seen.details = error ? error.details : '';
      seen.status = error ? error.metadata.get('grpc-status-details-bin').map((value) => value.toString('base64'))[0] : undefined;
      seen.text = reply && reply.text;
      seen.bytes = reply && reply.bulk.length;
    });
    call.on('metadata', (headers) => { seen.header = headers.get('before')[0]; });
    call.on('status', (status) => {
      seen.trailer = status.metadata.get('after-bin').map((value) => value.toString('hex'))[0];
      setImmediate(() => resolve(seen));
    });
  });
}

function count(number) {
  return new Promise((resolve, reject) => {
    const numbers = [];
    client.count({ number }).on('data', (words) => numbers.push(words.number)).on('error', reject).on('end', () => resolve(numbers));
  });
}

function talk(rounds) {
  return new Promise((resolve, reject) => {
    const heard = [];
    const call = client.talk();
    call.on('data', (words) => {
      heard.push(words.text);
      if (heard.length < rounds) call.write({ text: `round ${heard.length}` });
      else call.end();
    });
    call.on('error', reject);
    call.on('status', (status) => resolve({ heard, code: status.code }));
    call.write({ text: 'round 0' });
  });
}

function cancel() {
  return new Promise((resolve) => {
    const call = client.talk();
    call.on('data', () => call.cancel());
    call.on('error', (error) => resolve(error.code));
    call.write({ text: 'x' });
  });
}

async function main() {
  const metadata = new grpc.Metadata();
  metadata.add('text', 'plain');
  metadata.add('raw-bin', Buffer.from([0, 1, 255]));
  const seen = {
    say: await say({ text: 'hi' }, metadata),
    big: await say({ bulk: Buffer.alloc(2 * 1024 * 1024) }),
    refused: await say({ text: 'refuse' }),
    late: await say({ text: 'sleep' }, null, { deadline: Date.now() + 300 }),
    count: await count(1000),
    talk: await talk(50),
    cancel: await cancel(),
  };
  const unknown = client.makeUnaryRequest.bind(client);
  seen.unknown = await new Promise((resolve) => unknown('/parley.test.Echo/Nothing', () => Buffer.alloc(0), (b) => b, {}, (error) => resolve(error.code)));
  const squeezed = new Echo(address, grpc.credentials.createInsecure(), { 'grpc.default_compression_algorithm': 2 });
  seen.squeezed = await new Promise((resolve) => squeezed.say({ text: 'squeezed '.repeat(200) }, (error, reply) => resolve(error ? error.message : reply.text.length)));
  squeezed.close();
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  client.close();
}

main().catch((error) => { console.error(error); process.exit(1); });
