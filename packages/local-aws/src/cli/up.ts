import { once } from 'node:events';
import { startLocalAws } from '../local-aws.js';
import type { LocalAwsOptions } from '../local-aws.js';
import { announce } from './announce.js';

/** Starts an embedded AWS and stays until it is told to end. Returns the exit code. */
export async function runUp(options: LocalAwsOptions): Promise<number> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const told = Promise.race(signals.map((signal) => once(process, signal)));
  // The second one, out of impatience, must not keep the first from removing what was started.
  for (const signal of signals) process.on(signal, () => {});
  const aws = await startLocalAws(options);
  try {
    const { endpoint, host, region } = aws;
    const withdraw = await announce(aws);
    try {
      console.log(`local-aws is listening on ${endpoint}`);
      console.log(`  account ${aws.accountId}, region ${region}, ${aws.clock.kind} clock, registry ${host}`);
      console.log(`  in another shell: eval "$(npx local-aws env)"`);
      console.log('  Ctrl-C ends it');
      await told;
    } finally {
      await withdraw();
    }
  } finally {
    await aws.stop();
  }
  return 0;
}
