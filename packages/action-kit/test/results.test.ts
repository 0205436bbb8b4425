import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeSummary } from '../src/results.js';

let folder: string;
let summary: string;
const { RUNNER_TEMP, GITHUB_STEP_SUMMARY } = process.env;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'results-'));
  summary = join(folder, 'summary.md');
  process.env['RUNNER_TEMP'] = join(folder, 'not', 'there', 'yet');
  process.env['GITHUB_STEP_SUMMARY'] = summary;
});
afterEach(async () => {
  Object.assign(process.env, { RUNNER_TEMP, GITHUB_STEP_SUMMARY });
  for (const name of ['RUNNER_TEMP', 'GITHUB_STEP_SUMMARY'])
    if (process.env[name] === 'undefined') delete process.env[name];
  await rm(folder, { recursive: true });
});

describe('writeSummary', () => {
  test('appends, and leaves a copy', async () => {
    await writeFile(summary, 'before\n');
    const copy = await writeSummary('deploy-service', '# Done');
    expect(await readFile(summary, 'utf8')).toBe('before\n# Done\n');
    expect(await readFile(copy, 'utf8')).toBe('# Done');
    expect(copy).toContain('deploy-service-summary');
  });

  test('cuts at a line end what GitHub would drop as a whole', async () => {
    const line = `${'ü'.repeat(50)}\n`;
    await writeFile(summary, line.repeat(2_000));
    await writeSummary('deploy-service', line.repeat(11_000));
    const written = await readFile(summary);
    expect(written.length).toBeLessThan(1024 * 1024);
    const lines = written.toString().trimEnd().split('\n');
    expect(lines.at(-1)).toBe('_The rest did not fit into a job summary._');
    expect(new Set(lines.slice(0, -2)).size).toBe(1);
  });

  test('still leaves a copy where there is no summary to append to', async () => {
    delete process.env['GITHUB_STEP_SUMMARY'];
    expect(await readFile(await writeSummary('run-task', 'text'), 'utf8')).toBe('text');
  });
});
