// Two connections of node-datachannel in one process: one sends 64 KiB messages to the other for some seconds.
// node webrtc-pair.mjs SECONDS DATAGRAM_BYTES [PORT_OF_SENDER PORT_OF_RECEIVER]: with ports, each end sends to a line on loopback instead of to the other.
import nodeDataChannel from 'node-datachannel';

const [seconds, datagram, ...ports] = process.argv.slice(2).map(Number);
const ipAndUdp = 28;
const config = { iceServers: [], bindAddress: '127.0.0.1', mtu: datagram + ipAndUdp };
const [sender, receiver] = ['sender', 'receiver'].map((name) => new nodeDataChannel.PeerConnection(name, config));
for (const [from, to, port] of [[sender, receiver, ports[1]], [receiver, sender, ports[0]]]) {
  from.onLocalDescription((description, type) =>
    to.setRemoteDescription(description.split('\r\n').filter((line) => !port || !line.startsWith('a=candidate')).join('\r\n'), type));
  from.onLocalCandidate((candidate, mid) =>
    to.addRemoteCandidate(port ? candidate.replace(/ 127\.0\.0\.1 \d+ /, ` 127.0.0.1 ${port} `) : candidate, mid));
}

const message = Buffer.alloc(64 << 10, 7);
const lowWater = 1 << 20;
let received = 0;
// A channel that nothing refers to is closed when its object is collected, within a second.
let receiving;
receiver.onDataChannel((channel) => {
  receiving = channel;
  receiving.onMessage((bytes) => { received += bytes.byteLength; });
});
const channel = sender.createDataChannel('bench');
const fill = () => {
  while (channel.isOpen() && channel.bufferedAmount() <= 4 * lowWater) {
    channel.sendMessageBinary(message);
  }
};
channel.setBufferedAmountLowThreshold(lowWater);
channel.onBufferedAmountLow(fill);
channel.onOpen(() => {
  fill();
  const warmUp = Math.min(1000, seconds * 500);
  setTimeout(() => {
    const [begun, cpu, before] = [process.hrtime.bigint(), process.cpuUsage(), received];
    setTimeout(() => {
      const { user, system } = process.cpuUsage(cpu);
      const elapsed = Number(process.hrtime.bigint() - begun) / 1e9;
      process.stdout.write(`${(received - before) / elapsed / 1e6} ${(user + system) / 1e6 / elapsed}\n`, () => process.exit(0));
    }, seconds * 1000);
  }, warmUp);
});
