import type { LocalAws } from '../local-aws.js';
import { writeState } from './state-file.js';

/**
 * Lets `npx local-aws env` on this machine find a running embedded AWS of this process. The returned function takes
 * that back; whoever announces also does that before the end.
 */
export function announce(aws: LocalAws): Promise<() => Promise<void>> {
  const { endpoint, region, credentials, issuer } = aws;
  return writeState({
    pid: process.pid,
    port: Number(new URL(endpoint).port),
    startedAt: Date.now(),
    endpoint,
    region,
    credentials,
    idTokenRequestUrl: issuer.idTokenRequestUrl,
    idTokenRequestToken: issuer.idTokenRequestToken,
  });
}
