// Answers probes: takes the paths that the other end finds and sends back what comes on them, within limits (docs/protocol/signalling.md, section 6).
import { PathBroken, PeerError } from './errors.js';

const MAX_BYTES = 1_048_576;
const LIMIT_MS = 60_000;

/** Serves one session of purpose 'probe' until it is over. */
export async function answerProbe(session) {
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    while (!limit.aborted) {
      await answerOnce(session, limit);
    }
  } catch {
    // Whoever probes is told what came of it.
  } finally {
    await session.close();
  }
}

async function answerOnce(session, signal) {
  try {
    await echo(await session.nextPath({ signal }));
  } catch (error) {
    // One way that does not work says nothing of the others.
    if (!(error instanceof PathBroken) && !(error instanceof PeerError && error.code === 'peer.unreachable')) {
      throw error;
    }
  }
}

async function echo(path) {
  let sent = 0;
  for (let piece = await path.read(); piece !== null && sent < MAX_BYTES; piece = await path.read()) {
    await path.write(piece);
    sent += piece.length;
  }
  path.close();
}
