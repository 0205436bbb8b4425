import { describe, expect, it } from '@jest/globals';
import { parseArguments, UsageError } from '../../src/cli/arguments.js';

describe('parseArguments', () => {
  it.each([
    [[], { command: 'help' }],
    [['--help'], { command: 'help' }],
    [['up', '-h'], { command: 'help' }],
    [['up'], { command: 'up', options: {} }],
    [
      ['up', '--port', '4566', '--clock=60', '--instances', '3', '--backend', 'docker'],
      { command: 'up', options: { port: 4566, clock: { scale: 60 }, instances: 3, backend: 'docker' } },
    ],
    [
      ['up', '--clock', 'real', '--account', '210987654321', '--region', 'eu-west-1'],
      { command: 'up', options: { clock: 'real', accountId: '210987654321', region: 'eu-west-1' } },
    ],
    [['env'], { command: 'env', port: undefined }],
    [['env', '--port', '4566'], { command: 'env', port: 4566 }],
    [
      ['exec', '--clock', 'manual', '--', 'aws', '--region', 'x', '--', 'y'],
      {
        command: 'exec',
        options: { clock: 'manual' },
        file: 'aws',
        args: ['--region', 'x', '--', 'y'],
      },
    ],
  ])('%j', (argv, invocation) => {
    expect(parseArguments(argv)).toEqual(invocation);
  });

  it.each([
    [['down'], 'There is no command "down".'],
    [['exec'], 'exec needs a command: local-aws exec -- COMMAND…'],
    [['exec', '--'], 'exec needs a command'],
    [['exec', 'aws'], 'aws'],
    [['up', '--ports', '1'], '--ports'],
    [['up', '--port', '99999'], '--port is a number from 0 to 65535, not "99999".'],
    [['up', '--port', ''], '--port is a number'],
    [['up', '--clock', 'slow'], '--clock is real, manual or a number above 0, not "slow".'],
    [['up', '--clock', '0'], '--clock is real, manual or a number above 0'],
    [['up', '--instances', '-1'], '--instances'],
    [['up', '--backend', 'podman'], '--backend is scripted or docker, not "podman".'],
    [['up', '--account', '123'], '--account is twelve digits, not "123".'],
  ])('%j is refused', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(UsageError);
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
