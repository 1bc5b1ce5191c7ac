// One end of a WebRTC connection by node-datachannel (libdatachannel), led by lines of JSON on standard input; what it has to say are lines of JSON on standard output.
// {"offer":true} {"description":SDP,"type":T} {"candidate":LINE} {"open":LABEL} {"send":LABEL,"bytes":N,"size":S} {"text":LABEL,"value":V} {"close":true}
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import nodeDataChannel from 'node-datachannel';

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const channels = new Map();
// Candidates may come before the description that they belong to.
const early = [];
// libdatachannel refuses every certificate until it has taken the whole description: nobody is told before where to find it.
const unsaid = [];
let isDescribed = false;
const connection = new nodeDataChannel.PeerConnection('stranger', { iceServers: [], bindAddress: '127.0.0.1' });
connection.onLocalDescription((description, type) => say({ description, type }));
connection.onLocalCandidate((candidate) => (isDescribed ? say({ candidate }) : unsaid.push(candidate)));
connection.onStateChange((state) => say({ state }));
connection.onDataChannel((channel) => follow(channel, 'theirs'));

function follow(channel, whose) {
  const label = channel.getLabel();
  const hash = createHash('sha256');
  let received = 0;
  channels.set(label, channel);
  channel.onMessage((message) => {
    if (typeof message === 'string') {
      say({ text: message, label });
      if (message === 'done') {
        say({ received, sha256: hash.copy().digest('hex'), label });
      }
      return;
    }

    received += message.byteLength;
    hash.update(Buffer.from(message));
  });
  channel.onClosed(() => say({ closed: label }));
  channel.onError((error) => say({ error: String(error), label }));
  const opened = () => say({ opened: label, whose, max: channel.maxMessageSize() });
  if (channel.isOpen()) {
    opened();
  } else {
    channel.onOpen(opened);
  }
}

// Bytes that differ by place, so that a piece out of order shows.
function fill(buffer, offset) {
  for (let at = 0; at < buffer.length; at += 4) {
    buffer.writeUInt32LE(Math.imul((offset + at) >>> 2, 2654435761) >>> 0, at);
  }
}

async function send(label, bytes, size) {
  const channel = channels.get(label);
  const hash = createHash('sha256');
  for (let sent = 0; sent < bytes; ) {
    const buffer = Buffer.alloc(Math.min(size, bytes - sent));
    fill(buffer, sent);
    hash.update(buffer);
    try {
      channel.sendMessageBinary(buffer);
    } catch (error) {
      say({ error: String(error), label });
      return;
    }
    sent += buffer.length;
    while (channel.bufferedAmount() > 4 << 20) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  say({ sent: bytes, sha256: hash.digest('hex'), label });
  channel.sendMessage('done');
}

createInterface({ input: process.stdin }).on('line', (text) => {
  const line = JSON.parse(text);
  if (line.description) {
    connection.setRemoteDescription(line.description, line.type);
    isDescribed = true;
    unsaid.splice(0).forEach((candidate) => say({ candidate }));
    early.splice(0).forEach((candidate) => connection.addRemoteCandidate(candidate, '0'));
  } else if (line.candidate && !isDescribed) {
    early.push(line.candidate);
  } else if (line.candidate) {
    connection.addRemoteCandidate(line.candidate, '0');
  } else if (line.open !== undefined) {
    follow(connection.createDataChannel(line.open), 'ours');
  } else if (line.send !== undefined) {
    send(line.send, line.bytes, line.size);
  } else if (line.text !== undefined) {
    channels.get(line.text).sendMessage(line.value);
  } else if (line.close) {
    connection.close();
  }
}).on('close', () => {
  connection.close();
  nodeDataChannel.cleanup();
  process.exit(0);
});
