import { describe, expect, it } from '@jest/globals';
import { shellLines } from '../../src/cli/env.js';
import { environmentFor } from '../../src/environment.js';

const options = {
  endpoint: 'http://127.0.0.1:4566',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'token' },
  idTokenRequestUrl: 'http://127.0.0.1:4566/idtoken?api-version=2.0',
  idTokenRequestToken: 'request-token',
};

describe('environmentFor', () => {
  it('sets everything that an AWS client and the runner’s toolkit look for', () => {
    const environment = environmentFor(options, {});
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'ASIA1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_PAGER: '',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:4566/idtoken?api-version=2.0',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    });
    expect(Object.hasOwn(environment, 'AWS_PROFILE')).toBe(true);
    expect(environment['AWS_PROFILE']).toBeUndefined();
  });

  it('keeps what is exempt from the proxy, and drops endpoints of single services', () => {
    const environment = environmentFor(options, {
      no_proxy: 'internal.example',
      AWS_ENDPOINT_URL_ECS: 'https://elsewhere.example',
      AWS_ENDPOINT_URL: 'https://elsewhere.example',
    });
    expect(environment['NO_PROXY']).toBe('internal.example,127.0.0.1,localhost');
    expect(Object.hasOwn(environment, 'AWS_ENDPOINT_URL_ECS')).toBe(true);
    expect(environment['AWS_ENDPOINT_URL_ECS']).toBeUndefined();
    expect(environment['AWS_ENDPOINT_URL']).toBe('http://127.0.0.1:4566');
  });
});

describe('shellLines', () => {
  it('quotes for a POSIX shell', () => {
    expect(shellLines({ A: `it's $HOME`, B: '', C: undefined })).toBe(
      `export A='it'\\''s $HOME'\nexport B=''\nunset C\n`,
    );
  });
});
