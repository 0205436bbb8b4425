/**
 * What clients of this world are up to. A manual clock asks it when it may move on: a client that
 * woke up may still be about to send its next request.
 */
export class Activity {
  #active = 0;
  #awake = 0;
  #asleep = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** A request came in; the returned function says that it was answered. */
  begin(): () => void {
    this.#active += 1;
    this.touch();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#active -= 1;
      this.touch();
    };
  }

  /** A client fell asleep on the clock. */
  sleep(): void {
    this.#asleep += 1;
    this.#awake = Math.max(0, this.#awake - 1);
    this.touch();
  }

  /** A client that slept on the clock was woken by it. */
  wake(): void {
    this.cancelSleep();
    this.expectClient();
  }

  /** A client that slept thought better of it. */
  cancelSleep(): void {
    this.#asleep = Math.max(0, this.#asleep - 1);
  }

  /** What clients slept on was cleared: nothing will wake them. */
  forgetSleepers(): void {
    this.#asleep = 0;
  }

  /** A client is known to be awake. */
  expectClient(): void {
    this.#awake += 1;
    this.touch();
  }

  touch(): void {
    this.#lastAt = performance.now();
  }

  /** Lets promises and I/O of this process go on until no request is being answered. */
  async settle(): Promise<void> {
    await turns(2);
    while (this.#active > 0) await turns(1);
    if (this.#asleep > 0 && this.#awake === 0) return;
    if (performance.now() - this.#lastAt < recentMs) await this.#quiet(recentMs);
  }

  /**
   * Waits until every woken client sleeps again, or has been quiet long enough to be done with this
   * world; ends early when `isOver` says that nothing is left to wait for.
   */
  async settleClients(isOver: () => boolean = () => false): Promise<void> {
    await turns(2);
    if (this.#awake > 0 || this.#active > 0) await this.#quiet(quietMs, isOver);
    this.#awake = 0;
  }

  async #quiet(ms: number, isOver: () => boolean = () => false): Promise<void> {
    const expectsClients = this.#awake > 0;
    for (let quietTurns = 0, seen = this.#lastAt; !isOver(); seen = this.#lastAt) {
      await turns(1);
      const isQuiet = seen === this.#lastAt && this.#active === 0 && !isIoPending();
      quietTurns = isQuiet ? quietTurns + 1 : 0;
      if (expectsClients && this.#awake === 0 && quietTurns >= turnsAsleep) return;
      if (quietTurns >= turnsGone && performance.now() - this.#lastAt >= ms) return;
    }
  }
}

/** A request that ended this recently may be followed by another at once. */
const recentMs = 3;
/** How long a woken client may think before it counts as gone. */
const quietMs = 30;
/** On a busy machine that time may pass within one turn of the event loop. */
const turnsGone = 20;
/** When everybody sleeps, somebody who has yet to fall asleep may be about to send a request. */
const turnsAsleep = 3;

/** True while this process waits for a file, a name or a connection: somebody in it is about to go on. */
function isIoPending(): boolean {
  return process.getActiveResourcesInfo().some((name) => /Req|ConnectWrap|WriteWrap/.test(name));
}

/** Lets the event loop go round. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
