// Two pages describe their ends of one connection to each other, both whenever they have a reason to (RFC 8829).
// When both describe at once the polite one gives way. Pure but for the connection that it is given.

/** Keeps the two ends of a connection in agreement. */
export class Negotiation {
  #connection;
  #isPolite;
  #say;
  #isDescribing = false;
  #isIgnoring = false;
  #queue = Promise.resolve();

  /**
   * @param {RTCPeerConnection} connection The own end.
   * @param {boolean} isPolite Whether this end gives way.
   * @param {(signal: object) => void} say Tells the other end.
   * @param {(error: Error) => void} failed Told what went wrong with a description of the other end.
   */
  constructor(connection, isPolite, say, failed) {
    this.#connection = connection;
    this.#isPolite = isPolite;
    this.#say = say;
    connection.onnegotiationneeded = () => this.#describe().catch(failed);
    connection.onicecandidate = ({ candidate }) => say({ candidate: candidate?.toJSON?.() ?? candidate });
    this.take = (signal) => {
      // One after another: a candidate belongs to the description before it.
      this.#queue = this.#queue.then(() => this.#take(signal)).catch(failed);
      return this.#queue;
    };
  }

  /** Looks for another way when the one in use broke. */
  restart() {
    this.#connection.restartIce();
  }

  async #describe() {
    try {
      this.#isDescribing = true;
      await this.#connection.setLocalDescription();
      this.#tell();
    } finally {
      this.#isDescribing = false;
    }
  }

  async #take({ description, candidate }) {
    if (description) {
      const isCollision = description.type === 'offer' && (this.#isDescribing || this.#connection.signalingState !== 'stable');
      this.#isIgnoring = !this.#isPolite && isCollision;
      if (this.#isIgnoring) {
        return;
      }
      await this.#connection.setRemoteDescription(description);
      if (description.type === 'offer') {
        await this.#connection.setLocalDescription();
        this.#tell();
      }
    } else if (candidate !== undefined) {
      try {
        await this.#connection.addIceCandidate(candidate ?? undefined);
      } catch (error) {
        // A candidate of a description that was ignored fits nothing.
        if (!this.#isIgnoring) {
          throw error;
        }
      }
    }
  }

  #tell() {
    const { type, sdp } = this.#connection.localDescription;
    this.#say({ description: { type, sdp } });
  }
}

/** How media travels, from a connection's statistics: direct or relayed, and between which kinds of addresses. */
export function pathOf(reports) {
  let pair;
  for (const report of reports.values()) {
    if (report.type === 'transport' && report.selectedCandidatePairId) {
      pair = reports.get(report.selectedCandidatePairId);
    }
  }
  const local = pair && reports.get(pair.localCandidateId);
  const remote = pair && reports.get(pair.remoteCandidateId);
  if (!local || !remote) {
    return '';
  }
  const isRelayed = local.candidateType === 'relay' || remote.candidateType === 'relay';
  return `${isRelayed ? 'relayed by TURN' : 'direct'} ${String(local.protocol).toUpperCase()} (${local.candidateType} to ${remote.candidateType})`;
}

/** Frames of video that left and that were shown, from a connection's statistics. */
export function framesOf(reports) {
  let framesSent = 0;
  let framesReceived = 0;
  for (const report of reports.values()) {
    if (report.type === 'outbound-rtp' && report.kind === 'video') {
      framesSent += report.framesSent ?? 0;
    }
    if (report.type === 'inbound-rtp' && report.kind === 'video') {
      framesReceived += report.framesDecoded ?? 0;
    }
  }
  return { framesSent, framesReceived };
}
