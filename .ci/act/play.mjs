import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs a workflow of a repository with act, on this machine and without containers, in an environment that holds
 * nothing but what is given. Returns what its log says of each job, by the job's id.
 */
export async function playWorkflow(act, repository, workflow, options) {
  const { event = 'push', eventFile, inputs = {}, home, library, env, secrets = {}, path } = options;
  const args = [
    event,
    ...['-C', repository, '-W', `.github/workflows/${workflow}`],
    ...['-P', 'ubuntu-latest=-self-hosted', '--container-daemon-socket', '-'],
    ...['--no-cache-server', '--pull=false', '--action-cache-path', `${home}/actions`, '--json'],
    ...Object.entries(library).flatMap(([name, folder]) => ['--local-repository', `${name}=${folder}`]),
    ...(eventFile === undefined ? [] : ['-e', eventFile]),
    ...Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`]),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    // By the environment: a secret on the command line would be there for everybody to see.
    ...Object.keys(secrets).flatMap((name) => ['-s', name]),
  ];
  const child = spawn(act, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { HOME: home, PATH: path, LANG: 'C.UTF-8', ...secrets },
  });
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const entries = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = parseEntry(line);
    entries.push(entry);
    if (!isHeld(entry)) console.log(`  ${entry.jobID ?? '-'} | ${entry.msg}`);
  }
  return { exitCode: await ended, entries, jobs: groupByJob(entries) };
}

/** What is long, and is looked at elsewhere. */
function isHeld({ command }) {
  return command === 'summary' || command === 'set-output' || command === 'add-mask';
}

function parseEntry(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}

/**
 * What each job said: `result` is missing for a job that never ran, `outputs` are those of its steps, by the step's id
 * and the output's name.
 */
function groupByJob(entries) {
  const jobs = {};
  for (const { jobID, stepID, jobResult, command, name, arg, content, msg } of entries) {
    if (jobID === undefined) continue;
    const job = (jobs[jobID] ??= { outputs: {}, summaries: [], masks: [], log: [] });
    if (jobResult !== undefined) job.result = jobResult;
    if (command === 'set-output') (job.outputs[stepID.at(-1)] ??= {})[name] = arg;
    else if (command === 'summary') job.summaries.push(content);
    else if (command === 'add-mask') job.masks.push(arg);
    else job.log.push(msg);
  }
  return jobs;
}
