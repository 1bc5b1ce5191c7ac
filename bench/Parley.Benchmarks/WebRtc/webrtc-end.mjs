// One connection of node-datachannel to a browser: node webrtc-end.mjs SECONDS DATAGRAM_BYTES send|receive
// Reads one line, the browser's offer in JSON; writes its answer as one line of JSON, and a line with MB/s received and processors used after so many seconds of the channel.
import { createInterface } from 'node:readline';
import nodeDataChannel from 'node-datachannel';

const [seconds, datagram] = process.argv.slice(2, 4).map(Number);
const sends = process.argv[4] === 'send';
const ipAndUdp = 28;
const lowWater = 1 << 20;
const connection = new nodeDataChannel.PeerConnection('end', { iceServers: [], bindAddress: '127.0.0.1', mtu: datagram + ipAndUdp });
const message = Buffer.alloc(64 << 10, 7);
let received = 0;
// A channel that nothing refers to is closed when its object is collected, within a second.
let channel;

connection.onDataChannel((opened) => {
  channel = opened;
  channel.onMessage((bytes) => { received += bytes.byteLength; });
  if (sends) {
    channel.setBufferedAmountLowThreshold(lowWater);
    channel.onBufferedAmountLow(fill);
    fill();
  }
  setTimeout(measure, 1000);
});
connection.onGatheringStateChange((state) => {
  if (state === 'complete') {
    process.stdout.write(`${JSON.stringify(connection.localDescription().sdp)}\n`);
  }
});
createInterface({ input: process.stdin }).once('line', (line) => connection.setRemoteDescription(JSON.parse(line), 'offer'));

function fill() {
  while (channel.isOpen() && channel.bufferedAmount() <= 4 * lowWater) {
    channel.sendMessageBinary(message);
  }
}

function measure() {
  const [begun, cpu, before] = [process.hrtime.bigint(), process.cpuUsage(), received];
  setTimeout(() => {
    const { user, system } = process.cpuUsage(cpu);
    const elapsed = Number(process.hrtime.bigint() - begun) / 1e9;
    process.stdout.write(`${(received - before) / elapsed / 1e6} ${(user + system) / 1e6 / elapsed}\n`);
  }, seconds * 1000);
}
