import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wallDelay } from 'node:timers/promises';
import type { LocalAws } from '@ecs-actions/local-aws';

/** How an answer is lost: the connection is reset, nothing ever comes, or something else says it failed. */
export type Loss = 'reset' | 'silence' | 'server-error';

/** Passes everything on to an embedded AWS, which acts on it; some answers do not come back. */
export interface LossyEndpoint {
  readonly url: string;
  /** Loses the next `times` answers to an operation, and calls `onTaken` once AWS has given the first. */
  lose(operation: string, loss: Loss, more?: { times?: number; onTaken?: () => void }): void;
  close(): Promise<void>;
}

export async function openLossyEndpoint(target: string): Promise<LossyEndpoint> {
  const losses = new Map<string, { loss: Loss; left: number; onTaken?: (() => void) | undefined }>();
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const [, operation = ''] = String(headers['x-amz-target']).split('.');
    const forwarded = httpRequest(`${target}${url}`, { method, headers }, (answer) => {
      const lost = losses.get(operation);
      if (lost === undefined || lost.left === 0) {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
        return;
      }
      answer.resume();
      lost.left -= 1;
      if (lost.loss === 'reset') response.socket?.resetAndDestroy();
      if (lost.loss === 'server-error') response.writeHead(502).end('Bad gateway');
      lost.onTaken?.();
      lost.onTaken = undefined;
    });
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lose: (operation, loss, { times = 1, onTaken } = {}) =>
      void losses.set(operation, { loss, left: times, onTaken }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What waits for an answer does so by the wall's clock: a manual one goes on beside it, a step each 5 ms. */
export async function whileTimePasses<T>(
  clock: LocalAws['clock'],
  promise: Promise<T>,
  stepMs = 1_000,
): Promise<T> {
  const state = { settled: false };
  const settle = () => void (state.settled = true);
  promise.then(settle, settle);
  while (!state.settled) {
    await clock.advance(stepMs);
    await wallDelay(5);
  }
  return promise;
}
