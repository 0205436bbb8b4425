// Runs turbo without its telemetry, for which it has no setting in turbo.json: tests need no network, and say so.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync('turbo', process.argv.slice(2), {
  stdio: 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
});
process.exit(status ?? 1);
