import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { announce, startLocalAws } from '@ecs-actions/local-aws';
import { findEngine, removeImages } from './engine.js';
import { bold, dim, green, heading, red, say } from './print.js';
import { playStory } from './story.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** World seconds in one of ours: slow enough to see tasks come and go, fast enough not to wait. */
const SPEED = 12;

// The actions run on Node 24; that an older one at hand plays them here is no news to whoever looks on.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const keep = process.argv.includes('--keep');
const cancel = new AbortController();
// A second Ctrl-C, out of impatience, does not cut short what the first has set going: it is about to end by itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => cancel.abort(new Error(`Ended by ${signal}.`)));

process.chdir(root);
const summaries = join(root, 'demo-summaries');
await rm(summaries, { recursive: true, force: true });

heading('ecs-actions: from source to a running service');
const engine = await findEngine();
if (engine.kind === 'docker') {
  say(`Images are built, pushed and run by Docker: ${engine.why}.`);
} else {
  say(`Without Docker: ${engine.why}.`);
  say('Images are pushed as OCI layouts over the registry protocol, and tasks are scripted.');
}

const aws = await startLocalAws({
  clock: { scale: SPEED },
  backend: engine.kind === 'docker' ? 'docker' : 'scripted',
});
say(`An AWS of its own listens on ${bold(aws.endpoint)}; its clock runs ${SPEED} times as fast as yours.`);

let failed = false;
try {
  await playStory({ aws, engine, root, summaries, signal: cancel.signal });
  heading('The end');
  say(`${green('✓')} Two deployments succeeded, one was rolled back, and each said so and why.`);
  say(
    `The job summaries are in ${bold(relative(process.cwd(), summaries) || summaries)}${dim(' (Markdown)')}.`,
  );
  if (keep) await stayAround();
} catch (error) {
  failed = true;
  say(`\n${red('✗')} ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await aws.stop();
  if (engine.kind === 'docker') await removeImages(aws.host);
}
process.exit(failed ? 1 : 0);

/** Leaves the embedded AWS running until somebody ends it. */
async function stayAround(): Promise<void> {
  const withdraw = await announce(aws);
  say(`\nThe embedded AWS goes on at ${aws.endpoint}. In another terminal, in this folder:`);
  say('  eval "$(npx local-aws env)"');
  say('  aws ecs describe-services --cluster prod --services web');
  say('  aws ecr describe-images --repository-name web');
  say('  aws logs filter-log-events --log-group-name /ecs/web');
  say('Ctrl-C ends it.');
  await new Promise<void>((resolve) =>
    cancel.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  await withdraw();
}
