// Holds the registry to the conformance suite of the OCI distribution specification:
//
//   go install github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111
//   npx local-aws exec -- node packages/local-aws/conformance/oci-distribution.mjs PROGRAM [RESULTS_FOLDER]
//
// PROGRAM is what go installed. Nothing of version 1.1 is left out. Ends with the program's exit code; the results
// folder (default: a temporary one) gets report.html and junit.xml.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry } from './registry-access.mjs';

const [program, results = mkdtempSync(join(tmpdir(), 'oci-conformance-'))] = process.argv.slice(2);
const repositories = ['conformance/one', 'conformance/two'];
const { host, username, password } = await openRegistry(repositories);
const { status, error, stdout, stderr } = spawnSync(program, {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  env: {
    ...process.env,
    OCI_REGISTRY: host,
    OCI_TLS: 'disabled',
    OCI_REPO1: repositories[0],
    OCI_REPO2: repositories[1],
    OCI_USERNAME: username,
    OCI_PASSWORD: password,
    OCI_VERSION: '1.1',
    OCI_RESULTS_DIR: results,
  },
});
if (error) throw error;
if (status !== 0) console.error(stdout, stderr);
console.log(/<testsuites[^>]*>/.exec(readFileSync(join(results, 'junit.xml'), 'utf8'))[0]);
console.log(`${status === 0 ? 'conforms' : 'does not conform'}; report in ${results}`);
process.exitCode = status ?? 1;
