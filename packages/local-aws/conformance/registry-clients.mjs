// Pushes and pulls with real clients, each told apart by what it prints:
//
//   npx local-aws exec -- node packages/local-aws/conformance/registry-clients.mjs docker skopeo buildah crane
//
// Every client named must be on the PATH (docker with an engine that reaches this loopback address). For each: log in,
// push, pull the same digest, and be told in ECR's words that a repository is missing. Their configuration and all
// files are in a temporary folder.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry } from './registry-access.mjs';

const folder = mkdtempSync(join(tmpdir(), 'registry-clients-'));
const archive = join(folder, 'layer.tar');
const env = { ...process.env, DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: join(folder, 'auth.json') };
const missing = /The repository with name 'missing' does not exist in the registry with id '\d{12}'/;

/** What each client does, given its repository and one that is not there. Returns the digests of push and pull. */
const clients = {
  docker(image, missingImage) {
    logIn('docker', 'login');
    run('docker', ['import', archive, image]);
    run('docker', ['tag', image, missingImage]);
    const pushed = digestIn(run('docker', ['push', image]));
    refused('docker', ['push', missingImage]);
    run('docker', ['image', 'rm', image, missingImage]);
    const pulled = digestIn(run('docker', ['pull', image]));
    run('docker', ['image', 'rm', image]);
    return [pushed, pulled];
  },
  skopeo(image, missingImage) {
    logIn('skopeo', 'login', '--tls-verify=false');
    const [there, back] = [`tarball:${archive}`, `dir:${join(folder, 'back')}`];
    run('skopeo', ['copy', '--dest-tls-verify=false', there, `docker://${image}`]);
    refused('skopeo', ['copy', '--dest-tls-verify=false', there, `docker://${missingImage}`]);
    run('skopeo', ['copy', '--src-tls-verify=false', `docker://${image}`, back]);
    const inspect = (...target) => run('skopeo', ['inspect', '--format', '{{.Digest}}', ...target]).trim();
    return [inspect('--tls-verify=false', `docker://${image}`), inspect(back)];
  },
  buildah(image, missingImage) {
    logIn('buildah', 'login', '--tls-verify=false');
    const container = run('buildah', ['from', 'scratch']).trim();
    run('buildah', ['add', container, archive]);
    run('buildah', ['commit', '--rm', container, image]);
    const digestFile = join(folder, 'digest');
    run('buildah', ['push', '--tls-verify=false', '--digestfile', digestFile, image]);
    refused('buildah', ['push', '--tls-verify=false', image, `docker://${missingImage}`]);
    run('buildah', ['rmi', image]);
    const id = run('buildah', ['pull', '--quiet', '--tls-verify=false', image]).trim();
    const pulled = run('buildah', [
      'inspect',
      '--type',
      'image',
      '--format',
      '{{.FromImageDigest}}',
      id,
    ]).trim();
    run('buildah', ['rmi', id]);
    return [readFileSync(digestFile, 'utf8'), pulled];
  },
  crane(image, missingImage) {
    logIn('crane', 'auth', 'login');
    const append = (target) => ['append', '-f', archive, '-t', target, '--oci-empty-base', '--insecure'];
    const pushed = digestIn(run('crane', append(image)));
    refused('crane', append(missingImage));
    run('crane', ['pull', image, join(folder, 'image.tar'), '--insecure']);
    return [pushed, run('crane', ['digest', image, '--insecure']).trim()];
  },
};

const names = process.argv.slice(2);
const { host, username, password } = await openRegistry(names.map((name) => `clients/${name}`));
try {
  makeLayer();
  for (const name of names) {
    const [pushed, pulled] = clients[name](`${host}/clients/${name}:v1`, `${host}/missing:v1`);
    if (!/^sha256:[0-9a-f]{64}$/.test(pushed) || pushed !== pulled)
      throw new Error(`${name} pushed '${pushed}' and pulled '${pulled}'`);
    console.log(`${name}: pushed and pulled ${pushed}, and was refused a missing repository`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function makeLayer() {
  mkdirSync(join(folder, 'content'));
  writeFileSync(join(folder, 'content', 'hello.txt'), 'hello\n');
  run('tar', ['-cf', archive, '-C', join(folder, 'content'), 'hello.txt']);
}

function logIn(client, ...command) {
  run(client, [...command, '--username', username, '--password-stdin', host], password);
}

function refused(client, command) {
  const { status, output } = spawn(client, command);
  if (status === 0 || !missing.test(output))
    throw new Error(`${client} said of a missing repository: ${output}`);
}

function run(file, args, input) {
  const { status, output } = spawn(file, args, input);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${output}`);
  return output;
}

function spawn(file, args, input) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { env, input, encoding: 'utf8' });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

function digestIn(output) {
  return /sha256:[0-9a-f]{64}/.exec(output.slice(output.search(/digest/i)))?.[0] ?? '';
}
