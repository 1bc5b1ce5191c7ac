// The tab "Call": camera, microphone, screen. Media goes from browser to browser; what is here rings, opens devices and shows pictures.
import { PeerError } from './errors.js';
import { announce, awake, byId, explain } from './views.js';
import { makeCertificate } from './certificate.js';
import { CallTalk, readNote, sayOver } from './talks/call.js';
import { Negotiation, pathOf } from './talks/negotiation.js';
import { OwnMedia, showOther } from './talks/own-media.js';
import { Rendezvous } from './talks/rendezvous.js';

/** The tab "Call". */
export class CallView {
  #app;
  #certificate;
  #fingerprint;
  #rendezvous;
  #stop = null;
  #media = null;
  #connection = null;

  /** Makes the certificate that all calls of this page are signed with. */
  static async open(app) {
    const view = new CallView();
    const { certificate, fingerprint } = await makeCertificate();
    [view.#app, view.#certificate, view.#fingerprint] = [app, certificate, fingerprint];
    view.#rendezvous = new Rendezvous(app.meeting, 'call', { fingerprint, welcome: (session) => view.#ring(session) });
    for (const [button, share] of [['call-camera', 'camera'], ['call-voice', 'voice'], ['call-watch', 'nothing']]) {
      byId(button).onclick = () => view.#call(share, true);
    }
    byId('hang-up').onclick = () => view.#stop?.abort(new PeerError('canceled', 'You hung up.'));
    view.#status('Nobody sees or hears you before you call or answer.');
  }

  #status(text) {
    byId('call-status').textContent = text;
  }

  /** Somebody calls: true when the user answers. Who is being called already is answered at once. */
  #ring(session) {
    if (this.#stop) {
      return true;
    }
    this.#app.met(session);
    const title = document.title;
    return new Promise((resolve) => {
      const end = (isTaken, share) => {
        byId('ring').hidden = true;
        document.title = title;
        session.onnote = () => {};
        session.onclose = () => {};
        if (isTaken) {
          this.#call(share, false);
        }
        resolve(isTaken);
      };
      byId('ring-take').onclick = () => end(true, 'camera');
      byId('ring-listen').onclick = () => end(true, 'voice');
      byId('ring-decline').onclick = () => { sayOver(session); end(false); };
      session.onclose = () => this.#missed(end);
      session.onnote = (bytes) => {
        try {
          if (readNote(bytes).isOver) {
            this.#missed(end);
          }
        } catch (error) {
          session.close(error);
        }
      };
      byId('ring-text').textContent = `${this.#app.hostName} calls.`;
      byId('ring').hidden = false;
      document.title = `${this.#app.hostName} calls`;
    });
  }

  #missed(end) {
    end(false);
    this.#status(`${this.#app.hostName} called and hung up.`);
    this.#app.news('call', `${this.#app.hostName} called and hung up.`);
  }

  async #call(share, asks) {
    if (this.#stop) {
      return;
    }
    const stop = this.#stop = new AbortController();
    this.#app.show('call');
    this.#show(true);
    byId('hang-up').focus();
    const over = this.#app.busy();
    const [local, mute, dark, screen] = ['local', 'mute', 'dark', 'screen'].map(byId);
    this.#media = new OwnMedia({ local, mute, dark, screen }, (what, error) => this.#tellProblem(what, error));
    let text;
    try {
      await this.#media.open(share);
      stop.signal.throwIfAborted();
      this.#rendezvous.wants = asks;
      if (asks) {
        this.#status(`Calling ${this.#app.hostName}: it must run “parley p2p call ${this.#app.visitorName}”.`);
      }
      text = await awake(this.#run(stop.signal));
    } catch (error) {
      text = error.code === 'canceled' ? error.message : explain(error);
    } finally {
      this.#rendezvous.wants = false;
      this.#stop = null;
      this.#media.stop();
      over();
    }
    this.#show(false);
    this.#status(text);
    announce(text);
  }

  #tellProblem(what, error) {
    const texts = {
      screen: 'The screen is not shared: choose one when the browser asks, or allow it in the settings of this page.',
      camera: 'No camera was opened in place of the screen: connect one and call again.',
      devices: error?.name === 'NotAllowedError'
        ? 'This browser may not use camera and microphone: allow it in the settings of this page. Until then you see and hear the other end only.'
        : 'No camera or microphone was found: connect one. Until then you see and hear the other end only.',
    };
    this.#app.problem(texts[what] ?? '');
  }

  /** One call, in one session after the other; says how it ended. */
  async #run(signal) {
    for (;;) {
      const session = await this.#rendezvous.meet(signal);
      this.#app.met(session);
      const ended = await this.#inSession(session, signal);
      if (ended) {
        return ended;
      }
    }
  }

  async #inSession(session, signal) {
    const name = this.#app.hostName;
    const end = new AbortController();
    const both = AbortSignal.any([signal, end.signal]);
    const fail = (error) => end.abort(error);
    const pending = [];
    let negotiation = null;
    const talk = new CallTalk(session, this.#fingerprint, (said) => (negotiation ? negotiation.take(said) : pending.push(said)));
    const replaced = this.#rendezvous.replaced(session, () => talk.hasHeard, both).then(() => true);
    const running = talk.run(both).then(() => false);
    talk.ready.then(() => {
      if (!both.aborted) {
        negotiation = this.#connect(session, talk, fail);
        pending.splice(0).forEach((said) => negotiation.take(said));
      }
    }).catch(fail);
    replaced.catch(() => {});
    running.catch(() => {});
    try {
      if (await Promise.race([running, replaced])) {
        return null;
      }
      return talk.hasSignals ? `${name} hung up.` : `${name} did not take the call.`;
    } catch (error) {
      signal.throwIfAborted();
      if (error.code === 'agent.offline') {
        return talk.hasHeard || !this.#rendezvous.wants ? `${name} is gone.` : null;
      }
      throw error;
    } finally {
      talk.hangUp();
      end.abort(new PeerError('canceled', 'The session is over.'));
      this.#connection?.close();
      this.#connection = null;
      session.close();
    }
  }

  #connect(session, talk, fail) {
    this.#status('Connecting.');
    const connection = this.#connection = new RTCPeerConnection({ certificates: [this.#certificate], iceServers: session.iceServers ?? [] });
    const negotiation = new Negotiation(connection, !session.isOpener, (said) => talk.say(said), () => fail(new PeerError('protocol.violation', 'The two browsers do not understand each other')));
    showOther(connection, byId('remote'));
    connection.onconnectionstatechange = async () => {
      const state = connection.connectionState;
      if (state === 'connected') {
        this.#status(`Connected: ${pathOf(await connection.getStats())}.`);
      } else if (state === 'disconnected') {
        this.#status('The connection is interrupted.');
      } else if (state === 'failed') {
        this.#status('The connection broke; looking for another way.');
        negotiation.restart();
      }
    };
    this.#media.sendOver(connection);
    return negotiation;
  }

  #show(isOn) {
    byId('call-start').hidden = isOn;
    byId('call-buttons').hidden = !isOn;
    byId('screens').hidden = !isOn;
    if (!isOn) {
      byId('remote').srcObject = null;
      byId('call-camera').focus();
    }
  }
}
