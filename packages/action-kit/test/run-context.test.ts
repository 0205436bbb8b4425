import { expect, test } from '@jest/globals';
import { readContainerToolsFiles } from '../src/container-tools.js';
import { readRunContext, runUrl } from '../src/run-context.js';

test('reads a run', () => {
  const run = readRunContext({
    GITHUB_REPOSITORY: 'octo-org/octo-app',
    GITHUB_SHA: 'abc',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW: 'Ship',
    GITHUB_WORKFLOW_REF: 'octo-org/octo-app/.github/workflows/ship.yml@refs/heads/a@b',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_NUMBER: '12',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_SERVER_URL: 'https://ghe.example.com',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
  });
  expect(run).toMatchObject({
    repository: 'octo-org/octo-app',
    commit: 'abc',
    ref: 'refs/heads/main',
    workflow: '.github/workflows/ship.yml',
    runNumber: 12,
    runAttempt: 2,
    apiUrl: 'https://api.github.com',
    canMintIdToken: true,
  });
  expect(runUrl(run)).toBe('https://ghe.example.com/octo-org/octo-app/actions/runs/4711');
});

test('takes empty variables for none', () => {
  const run = readRunContext({
    GITHUB_REPOSITORY: '',
    GITHUB_RUN_NUMBER: '',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'x',
  });
  expect(run).toMatchObject({ repository: undefined, runNumber: undefined, canMintIdToken: false });
  expect(runUrl(run)).toBeUndefined();
});

test.each([
  [{ HOME: '/home/me' }, '/home/me/.docker', undefined],
  [{ HOME: '/home/me', DOCKER_CONFIG: '/job' }, '/job', undefined],
  [{ XDG_RUNTIME_DIR: '/run/1' }, undefined, '/run/1/containers/auth.json'],
  [{ XDG_RUNTIME_DIR: '/run/1', REGISTRY_AUTH_FILE: '/job/auth' }, undefined, '/job/auth'],
  [{ HOME: '', DOCKER_CONFIG: '', REGISTRY_AUTH_FILE: '', XDG_RUNTIME_DIR: '' }, undefined, undefined],
])('finds the logins of container tools: %j', (env, dockerConfigFolder, registryAuthFile) => {
  expect(readContainerToolsFiles(env)).toEqual({ dockerConfigFolder, registryAuthFile });
});

test.each([
  ['o/r/.github/workflows/deploy.yml@refs/heads/main', '.github/workflows/deploy.yml'],
  ['o/r/.github/workflows/deploy@prod.yml@refs/tags/a@b', '.github/workflows/deploy@prod.yml'],
  ['o/r/.github/workflows/deploy@prod.yml@0123abcd', '.github/workflows/deploy@prod.yml'],
  ['', 'Ship'],
])('the workflow of %j is %s', (GITHUB_WORKFLOW_REF, workflow) => {
  expect(readRunContext({ GITHUB_WORKFLOW_REF, GITHUB_WORKFLOW: 'Ship' })).toMatchObject({ workflow });
});
