/** What every client of the SDK has, as far as it is needed here. */
interface SdkClient {
  readonly config: {
    readonly credentials?: (options?: { readonly forceRefresh?: boolean }) => Promise<unknown>;
  };
  readonly middlewareStack: {
    add: (middleware: Middleware, options: { readonly step: 'initialize'; readonly name: string }) => void;
  };
}

type Send = (args: never) => Promise<never>;
type Middleware = (next: Send, context: { readonly commandName?: string }) => Send;

/** Commands that change nothing, and whose answer a step that is cancelled can do without. */
const READ = /^(?:Describe|List|Get|BatchGet|BatchCheck)/;

/**
 * Lets a read that is under way when `signal` aborts fail with the signal's reason, whatever it waits
 * for: an answer, the credentials, or the next attempt. A read that is begun after that is made, and so
 * is everything that changes something: there it counts what AWS answers.
 */
export function abandonReads(client: unknown, signal: AbortSignal): void {
  const middleware: Middleware = (next, { commandName }) => {
    const isRead = READ.test(commandName ?? '');
    return (args) => (isRead && !signal.aborted ? orAborted(next(args), signal) : next(args));
  };
  (client as SdkClient).middlewareStack.add(middleware, { step: 'initialize', name: 'abandonReads' });
}

/**
 * Takes a new session where AWS calls the present one expired before its time: it was revoked, or the
 * runner's clock is slow. One call is made twice at most.
 */
export function renewExpired(client: unknown, isExpired: (error: unknown) => boolean): void {
  const { config, middlewareStack } = client as SdkClient;
  const middleware: Middleware = (next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (!isExpired(error)) throw error;
      await config.credentials?.({ forceRefresh: true });
      return next(args);
    }
  };
  middlewareStack.add(middleware, { step: 'initialize', name: 'renewExpired' });
}

async function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let settle = () => {};
  const aborted = new Promise<never>((_, reject) => {
    settle = () => reject(signal.reason as Error);
    signal.addEventListener('abort', settle, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', settle);
  }
}
