// Serves https with a certificate and key in PEM; asks clients for a certificate when ASK is given: node pinned-server.mjs CERT KEY [ASK]
import fs from 'node:fs';
import https from 'node:https';

const [certificate, key, ask] = process.argv.slice(2);
const server = https.createServer({
  cert: fs.readFileSync(certificate), key: fs.readFileSync(key), minVersion: 'TLSv1.3', requestCert: ask !== undefined, rejectUnauthorized: false,
}, (request, response) => {
  console.log(`request ${request.url}`);
  const shown = request.socket.getPeerCertificate()?.fingerprint256 ?? 'nobody';
  response.end(`${request.socket.getProtocol()} ${shown}\n`);
});
server.on('tlsClientError', (error) => console.log(`refused ${error.code}`));
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
