// One's own sound and pictures in a call: what is opened, what leaves, the buttons that hold it back, and the screen in place of the camera.
// Pure but for the browser's devices and the elements that it is given.

const DEVICES = { camera: { video: true, audio: true }, voice: { audio: true }, screen: { audio: true } };

const isPressed = (button) => button.getAttribute('aria-pressed') === 'true';
const press = (button, isOn) => button.setAttribute('aria-pressed', String(isOn));

/** What this end shows and says in one call. */
export class OwnMedia {
  #elements;
  #problem;
  #stream = new MediaStream();
  #connection = null;
  #camera = { isOn: false, isDark: false };
  #turn = Promise.resolve();
  #turns = 0;
  #isOver = false;

  /**
   * @param {{local: HTMLVideoElement, mute: HTMLButtonElement, dark: HTMLButtonElement, screen: HTMLButtonElement}} elements
   *   The own picture; the buttons for no sound, no picture, and the screen.
   * @param {(what: 'devices'|'screen'|'camera'|null, error?: Error) => void} problem
   *   Told what was not opened: anything, the screen, or the camera in place of the screen; null when a picture is shown after all.
   */
  constructor(elements, problem) {
    [this.#elements, this.#problem] = [elements, problem];
    const { local, mute, dark, screen } = elements;
    local.srcObject = this.#stream;
    for (const [button, kind] of [[mute, 'audio'], [dark, 'video']]) {
      button.onclick = () => {
        press(button, !isPressed(button));
        this.#tracks(kind).forEach((track) => { track.enabled = !isPressed(button); });
      };
    }
    screen.onclick = () => this.#inTurn(() => (isPressed(screen) ? this.#endScreen() : this.#shareScreen()));
    this.#refresh();
  }

  /** Opens what a user chose: `camera`, `voice`, `screen` or `nothing`; what fails is told and left out. */
  async open(what) {
    if (DEVICES[what]) {
      try {
        const opened = await navigator.mediaDevices.getUserMedia(DEVICES[what]);
        opened.getTracks().forEach((track) => this.#keep(track));
      } catch (error) {
        this.#problem('devices', error);
      }
    }
    if (what === 'screen') {
      await this.#shareScreen();
    }
    this.#refresh();
  }

  /** Sends it over a connection, and takes what the other end sends. */
  sendOver(connection) {
    this.#connection = connection;
    this.#stream.getTracks().forEach((track) => connection.addTrack(track, this.#stream));
    for (const kind of ['audio', 'video'].filter((one) => this.#tracks(one).length === 0)) {
      connection.addTransceiver(kind, { direction: 'recvonly' });
    }
    this.#refresh();
  }

  /** Closes every device. */
  stop() {
    this.#isOver = true;
    this.#connection = null;
    this.#stream.getTracks().forEach((track) => track.stop());
    const { local, ...buttons } = this.#elements;
    local.srcObject = null;
    for (const button of Object.values(buttons)) {
      button.disabled = true;
      press(button, false);
    }
  }

  async #shareScreen() {
    try {
      const [track] = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks();
      this.#camera = { isOn: this.#tracks('video').length > 0, isDark: isPressed(this.#elements.dark) };
      press(this.#elements.dark, false);
      await this.#show(track);
      press(this.#elements.screen, true);
      // The browser has a button of its own for the end of sharing.
      track.onended = () => this.#inTurn(() => this.#endScreen());
    } catch (error) {
      this.#problem('screen', error);
    }
  }

  // The screen is gone before the camera is asked for. What was not on, or was hidden, before the screen was shared is so afterwards.
  async #endScreen() {
    const { dark, screen } = this.#elements;
    if (!isPressed(screen)) {
      return;
    }
    press(screen, false);
    press(dark, isPressed(dark) || this.#camera.isDark);
    await this.#show(null);
    if (!this.#camera.isOn) {
      return;
    }
    try {
      await this.#show((await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks()[0]);
    } catch (error) {
      this.#problem('camera', error);
    }
  }

  async #show(picture) {
    for (const track of this.#tracks('video')) {
      track.stop();
      this.#stream.removeTrack(track);
    }
    if (picture) {
      this.#keep(picture);
      this.#problem(null);
    }
    const videos = this.#connection?.getTransceivers().filter(({ receiver }) => receiver.track.kind === 'video') ?? [];
    const transceiver = videos.find(({ sender }) => sender.track) ?? videos[0];
    if (transceiver) {
      await transceiver.sender.replaceTrack(picture);
      transceiver.direction = picture ? 'sendrecv' : 'recvonly';
    }
    this.#refresh();
  }

  // A device may open after the call has ended: it is closed at once.
  #keep(track) {
    const { mute, dark } = this.#elements;
    track.enabled = !isPressed(track.kind === 'audio' ? mute : dark);
    if (this.#isOver) {
      track.stop();
    } else {
      this.#stream.addTrack(track);
    }
  }

  #tracks(kind) {
    return this.#stream.getTracks().filter((track) => track.kind === kind);
  }

  #refresh() {
    const { local, mute, dark, screen } = this.#elements;
    local.hidden = this.#tracks('video').length === 0;
    mute.disabled = this.#isOver || this.#tracks('audio').length === 0;
    dark.disabled = this.#isOver || local.hidden;
    screen.disabled = this.#isOver || this.#turns > 0 || !this.#connection || !navigator.mediaDevices?.getDisplayMedia;
  }

  // One after the other: the browser may end a screen while another change is under way.
  #inTurn(change) {
    this.#turns++;
    this.#refresh();
    this.#turn = this.#turn.then(() => (this.#isOver ? null : change())).finally(() => {
      this.#turns--;
      this.#refresh();
    });
  }
}

/** Shows all that the other end sends as one: a picture that comes later joins the sound, and one that ends leaves it. */
export function showOther(connection, video) {
  const stream = new MediaStream();
  connection.ontrack = ({ track }) => {
    track.onmute = () => stream.removeTrack(track);
    track.onunmute = () => stream.addTrack(track);
    stream.addTrack(track);
    video.srcObject = stream;
  };
}
