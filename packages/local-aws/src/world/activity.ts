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
    this.#asleep -= 1;
    this.expectClient();
  }

  /** A client that slept thought better of it. */
  cancelSleep(): void {
    this.#asleep -= 1;
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

  /** Waits until every woken client sleeps again, or has been quiet long enough to be done. */
  async settleClients(): Promise<void> {
    await turns(2);
    if (this.#awake > 0 || this.#active > 0) await this.#quiet(quietMs);
    this.#awake = 0;
  }

  /** Ends early when nobody is awake any more. */
  async #quiet(ms: number): Promise<void> {
    const wasAwake = this.#awake > 0;
    let quietTurns = 0;
    let seen = this.#lastAt;
    while (this.#active > 0 || performance.now() - this.#lastAt < ms || quietTurns < minimumTurns) {
      if (wasAwake && this.#awake === 0 && this.#active === 0) return;
      await turns(1);
      quietTurns = seen === this.#lastAt ? quietTurns + 1 : 0;
      seen = this.#lastAt;
    }
  }
}

/** A request that ended this recently may be followed by another at once. */
const recentMs = 3;
/** How long a woken client may think before it counts as gone. */
const quietMs = 30;
/** A busy machine may stall for longer than that within one turn of the event loop. */
const minimumTurns = 20;

/** Lets the event loop go round. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
