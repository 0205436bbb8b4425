import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateClusterCommand,
  DescribeClustersCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
} from '@aws-sdk/client-ecs';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { startLocalAws } from '../../src/index.js';
import type { FaultKind, LocalAws } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

describe('a refusal', () => {
  it.each<[string, FaultKind, string, number]>([
    ['ecs', 'throttle', 'ThrottlingException', 400],
    ['ecs', 'server-error', 'ServerException', 500],
    ['ecs', 'expired-token', 'ExpiredTokenException', 400],
    ['ecs', 'access-denied', 'AccessDeniedException', 400],
    ['logs', 'throttle', 'ThrottlingException', 400],
    ['logs', 'server-error', 'ServiceUnavailableException', 503],
    ['sts', 'throttle', 'Throttling', 400],
    ['sts', 'server-error', 'InternalFailure', 500],
    ['sts', 'expired-token', 'ExpiredToken', 403],
    ['sts', 'access-denied', 'AccessDenied', 403],
  ])('%s %s', async (service, kind, name, status) => {
    const { ecs, logs, sts } = clientsOf(aws);
    const call = (): Promise<unknown> => {
      if (service === 'sts') return sts.send(new GetCallerIdentityCommand({}));
      return service === 'ecs'
        ? ecs.send(new ListClustersCommand({}))
        : logs.send(new DescribeLogGroupsCommand({}));
    };
    aws.faults.inject({ service, kind });
    expect(await errorOf(call())).toMatchObject({ name, status });
    expect(aws.requests.at(-1)).toMatchObject({ service, error: name });
    await call();
  });

  it('of access names the caller and the action', async () => {
    aws.faults.inject({ service: 'ecs', kind: 'access-denied' });
    const error = await errorOf(clientsOf(aws).ecs.send(new ListClustersCommand({})));
    expect(error.message).toBe(
      'User: arn:aws:sts::123456789012:assumed-role/local-aws-admin/local is not authorized to perform: ecs:ListClusters on resource: * because no identity-based policy allows the ecs:ListClusters action',
    );
  });

  it.each<[FaultKind, string, RegExp]>([
    ['access-denied', 'AccessDenied', /^Not authorized to perform sts:AssumeRoleWithWebIdentity$/],
    ['expired-token', 'ExpiredTokenException', /^Token expired: current date\/time \d+ must be before/],
  ])('of an exchange says what STS says of one: %s', async (kind, name, message) => {
    aws.faults.inject({ service: 'sts', operation: 'AssumeRoleWithWebIdentity', kind });
    const assume = clientsOf(aws).sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: 'arn:aws:iam::123456789012:role/github-deploy',
        RoleSessionName: 'ci',
        WebIdentityToken: await aws.issuer.mint(),
      }),
    );
    const error = await errorOf(assume);
    expect(error.name).toBe(name);
    expect(error.message).toMatch(message);
  });

  it('by the issuer and the registry is plain HTTP', async () => {
    aws.faults.inject({ service: 'oidc', operation: 'GetIdToken', kind: 'server-error' });
    aws.faults.inject({ service: 'registry', kind: 'throttle' });
    const headers = { authorization: `Bearer ${aws.issuer.idTokenRequestToken}` };
    expect((await fetch(aws.issuer.idTokenRequestUrl, { headers })).status).toBe(500);
    expect((await fetch(aws.issuer.idTokenRequestUrl, { headers })).status).toBe(200);
    expect((await fetch(`${aws.endpoint}/v2/`)).status).toBe(429);
    expect((await fetch(`${aws.endpoint}/v2/`)).status).toBe(401);
  });
});

describe('which requests it hits', () => {
  const outcomes = async (count: number) => {
    const { ecs } = clientsOf(aws);
    const seen: string[] = [];
    for (let call = 0; call < count; call += 1) {
      seen.push(
        await ecs.send(new ListClustersCommand({})).then(
          () => 'ok',
          (error: Error) => error.name,
        ),
      );
    }
    return seen;
  };

  it('is one of its service by default', async () => {
    aws.faults.inject({ service: 'ecr', kind: 'throttle' });
    aws.faults.inject({ service: 'ecs', operation: 'DescribeClusters', kind: 'throttle' });
    aws.faults.inject({ service: 'ecs', kind: 'throttle' });
    expect(await outcomes(2)).toEqual(['ThrottlingException', 'ok']);
  });

  it('begins after some, and lasts for some', async () => {
    aws.faults.inject({ service: 'ecs', kind: 'throttle', after: 1, times: 2 });
    expect(await outcomes(4)).toEqual(['ok', 'ThrottlingException', 'ThrottlingException', 'ok']);
  });

  it('follows the order in which faults were injected', async () => {
    aws.faults.inject({ service: 'ecs', kind: 'throttle' });
    aws.faults.inject({ service: 'ecs', kind: 'server-error' });
    expect(await outcomes(3)).toEqual(['ThrottlingException', 'ServerException', 'ok']);
  });

  it('is none any more once cleared', async () => {
    aws.faults.inject({ service: 'ecs', kind: 'throttle', times: Number.POSITIVE_INFINITY });
    expect(await outcomes(2)).toEqual(['ThrottlingException', 'ThrottlingException']);
    aws.faults.clear();
    expect(await outcomes(1)).toEqual(['ok']);
  });

  it('is for kinds that there are', () => {
    expect(() => aws.faults.inject({ service: 'ecs', kind: 'fire' as FaultKind })).toThrow(
      'There is no fault "fire".',
    );
  });
});

describe('a connection that is reset', () => {
  it('is an error, and a retry gets through', async () => {
    aws.faults.inject({ service: 'ecs', kind: 'reset', times: 2 });
    const error = await errorOf(clientsOf(aws).ecs.send(new ListClustersCommand({})));
    expect(error.message).toContain('ECONNRESET');
    const patient = new ECSClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.credentials,
    });
    const { $metadata } = await patient.send(new ListClustersCommand({}));
    expect($metadata.attempts).toBe(2);
  });
});

describe('a delay', () => {
  it('is of wall time', async () => {
    aws.faults.inject({ service: 'ecs', kind: 'delay', delayMs: 60 });
    const startedAt = performance.now();
    await clientsOf(aws).ecs.send(new ListClustersCommand({}));
    expect(performance.now() - startedAt).toBeGreaterThan(55);
  });
});

describe('a stale read', () => {
  it('answers what the same read answered before', async () => {
    const { ecs } = clientsOf(aws);
    const describe = async () =>
      (await ecs.send(new DescribeClustersCommand({ clusters: ['a'] }))).clusters!.map(
        ({ clusterName }) => clusterName,
      );
    expect(await describe()).toEqual([]);
    await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
    aws.faults.inject({ service: 'ecs', operation: 'DescribeClusters', kind: 'stale-read', times: 2 });
    expect(await describe()).toEqual([]);
    expect(await describe()).toEqual([]);
    expect(await describe()).toEqual(['a']);
  });

  it('does not know yet what it was never asked about', async () => {
    const { ecs } = clientsOf(aws);
    await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
    aws.faults.inject({ service: 'ecs', kind: 'stale-read' });
    const answer = await ecs.send(new DescribeTasksCommand({ cluster: 'a', tasks: ['t1'] }));
    expect(answer).toMatchObject({
      tasks: [],
      failures: [{ arn: 'arn:aws:ecs:us-east-1:123456789012:task/a/t1', reason: 'MISSING' }],
    });
  });
});
