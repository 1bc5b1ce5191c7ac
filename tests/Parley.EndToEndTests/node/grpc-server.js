// grpc-js as a server of our client: node grpc-server.js ECHO_PROTO. Prints its port; ends when its standard input does.
'use strict';
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const { Echo } = grpc.loadPackageDefinition(loader.loadSync(process.argv[2], { defaults: true })).parley.test;
let cancelled = 0;

const server = new grpc.Server();
server.addService(Echo.service, {
  say(call, callback) {
    const words = call.request;
    if (words.text === 'refuse') {
      const metadata = new grpc.Metadata();
      metadata.set('grpc-status-details-bin', Buffer.from([8, 5]));
      metadata.set('why', 'x');
      callback({ code: grpc.status.NOT_FOUND, details: 'Nichts: 100 % ü', metadata });
      return;
    }
    if (words.text === 'sleep') return;
    if (words.text === 'cancelled?') {
      callback(null, { number: cancelled });
      return;
    }
    const headers = new grpc.Metadata();
    for (const value of call.metadata.get('text')) headers.add('before', value);
    call.sendMetadata(headers);
    const trailers = new grpc.Metadata();
    for (const value of call.metadata.get('raw-bin')) trailers.add('after-bin', value);
    callback(null, { text: words.text, bulk: words.bulk }, trailers);
  },
  count(call) {
    for (let number = 1; number <= call.request.number; number++) call.write({ number });
    call.end();
  },
  talk(call) {
    call.on('cancelled', () => { cancelled++; });
    call.on('data', (words) => call.write(words));
    call.on('end', () => call.end());
  },
});

server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
