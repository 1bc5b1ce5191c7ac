// Asks a server over https whose certificate is known by its fingerprint alone: node pinned-client.mjs PORT FINGERPRINT
import https from 'node:https';

const [port, fingerprint] = process.argv.slice(2);
const request = https.request({
  host: '127.0.0.1', port, method: 'POST', path: '/', minVersion: 'TLSv1.3', rejectUnauthorized: false, agent: false,
}, (response) => {
  let text = '';
  response.on('data', (chunk) => { text += chunk; });
  response.on('end', () => console.log(`${response.statusCode} ${text}`));
});
request.on('error', (error) => { console.error(error.message); process.exitCode = 1; });
request.on('socket', (socket) => socket.once('secureConnect', () => {
  const shown = socket.getPeerCertificate().fingerprint256;
  if (shown !== fingerprint) {
    socket.destroy(new Error(`another certificate: ${shown}`));
    return;
  }

  console.log(socket.getProtocol());
  request.end('hello from node');
}));
