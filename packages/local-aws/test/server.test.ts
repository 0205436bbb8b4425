import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateClusterCommand, DescribeClustersCommand, ListClustersCommand } from '@aws-sdk/client-ecs';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { startLocalAws } from '../src/index.js';
import type { LocalAws } from '../src/index.js';
import { clientsOf, errorOf } from './support/clients.js';

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({
    clock: 'manual',
    startTime: 1000,
    accountId: '210987654321',
    region: 'eu-west-1',
  });
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

describe('the world', () => {
  it('has the account and region that it was given', async () => {
    const { sts, ecs } = clientsOf(aws);
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe('210987654321');
    const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
    expect(cluster?.clusterArn).toBe('arn:aws:ecs:eu-west-1:210987654321:cluster/a');
    expect(aws.roles.list().map(({ arn }) => arn)).toEqual(['arn:aws:iam::210987654321:role/github-deploy']);
  });

  it('keeps a log of what it is asked', async () => {
    const { ecs } = clientsOf(aws);
    await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
    await aws.clock.advance(5000);
    await errorOf(
      clientsOf(aws, { credentials: { ...aws.credentials, secretAccessKey: 'x' } }).ecs.send(
        new ListClustersCommand({}),
      ),
    );
    const principalArn = 'arn:aws:sts::210987654321:assumed-role/local-aws-admin/local';
    const at = aws.clock.now();
    expect(aws.requests).toEqual([
      {
        service: 'ecs',
        operation: 'CreateCluster',
        at: at - 5000,
        input: { clusterName: 'a' },
        principalArn,
      },
      { service: 'ecs', operation: 'ListClusters', at, input: {}, error: 'InvalidSignatureException' },
    ]);
  });

  it('is empty again after a reset, and knows its callers still', async () => {
    const { ecs } = clientsOf(aws);
    await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
    aws.roles.put({ role: 'extra', trustPolicy: { Statement: [] } });
    aws.faults.inject({ service: 'ecs', kind: 'throttle' });
    aws.identityProviders.remove();
    await aws.reset();
    expect(aws.requests).toEqual([]);
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([]);
    expect(aws.roles.list()).toHaveLength(1);
    await clientsOf(aws).sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: 'arn:aws:iam::210987654321:role/github-deploy',
        RoleSessionName: 'ci',
        WebIdentityToken: await aws.issuer.mint(),
      }),
    );
  });

  it('has container instances where that is asked for, after a reset too', async () => {
    const ec2 = await startLocalAws({ clock: 'manual', instances: 2 });
    try {
      const { ecs } = clientsOf(ec2);
      const count = async () => {
        const { clusters } = await ecs.send(new DescribeClustersCommand({}));
        return clusters?.[0]?.registeredContainerInstancesCount;
      };
      expect(await count()).toBe(2);
      await ec2.reset();
      expect(await count()).toBe(2);
    } finally {
      await ec2.stop();
    }
  });

  it('listens on loopback, at a port that may be chosen, until it is stopped', async () => {
    const first = await startLocalAws();
    const port = Number(first.host.split(':')[1]);
    expect(first.endpoint).toBe(`http://127.0.0.1:${port}`);
    await expect(startLocalAws({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.stop();
    const second = await startLocalAws({ port });
    expect(second.host).toBe(first.host);
    await second.stop();
    await expect(fetch(second.endpoint)).rejects.toThrow();
  });
});

describe('clients that misbehave', () => {
  /** Sends bytes as they are; resolves with what comes back, or at once if `hangUp`. */
  function raw(text: string, options: { hangUp?: boolean } = {}): Promise<string> {
    const { hostname, port } = new URL(aws.endpoint);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(text);
        if (options.hangUp === true) {
          socket.destroy();
          resolve('');
        }
      });
      let received = '';
      socket.on('data', (data) => (received += data.toString()));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
  }

  it('may hang up in the middle', async () => {
    const head = `POST / HTTP/1.1\r\nHost: ${aws.host}\r\nX-Amz-Target: AmazonEC2ContainerServiceV20141113.ListClusters\r\nContent-Length: 100\r\n\r\n`;
    await raw(`${head}{"half`, { hangUp: true });
    await raw(`${head}${' '.repeat(100)}`, { hangUp: true });
    await raw(`PUT /v2/app/blobs/uploads/x HTTP/1.1\r\nHost: ${aws.host}\r\nContent-Length: 9\r\n\r\nhalf`, {
      hangUp: true,
    });
    await clientsOf(aws).ecs.send(new ListClustersCommand({}));
  });

  it('may not speak HTTP', async () => {
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  });

  it.each([
    ['GET', '/', {}, 404],
    ['GET', '/favicon.ico', {}, 404],
    ['POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
  ])('are told at %s %s', async (method, path, headers, status) => {
    const response = await fetch(`${aws.endpoint}${path}`, { method, headers });
    expect(response.status).toBe(status);
    await response.text();
  });

  it('may ask STS in the URL', async () => {
    const token = await aws.issuer.mint({ aud: 'nobody' });
    const query = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::210987654321:role/github-deploy',
      RoleSessionName: 'ci<&>',
      WebIdentityToken: token,
    });
    const refused = await (await fetch(`${aws.endpoint}/?${query.toString()}`)).text();
    expect(refused).toContain('<Code>ValidationError</Code>');
    expect(refused).toContain("Value 'ci&lt;&amp;&gt;' at 'roleSessionName'");
    query.set('RoleSessionName', 'ci');
    const response = await fetch(`${aws.endpoint}/?${query.toString()}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(await response.text()).toMatch(
      /^<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><Error><Type>Sender<\/Type><Code>InvalidIdentityToken<\/Code><Message>Incorrect token audience<\/Message><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/,
    );
  });
});

describe('the control API', () => {
  async function control(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${aws.endpoint}/_local-aws/${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: any = await response.json();
    return { status: response.status, body: answer };
  }

  it('tells how it is', async () => {
    expect((await control('GET', 'health')).body).toEqual({
      status: 'ok',
      pid: process.pid,
      accountId: '210987654321',
      region: 'eu-west-1',
      clock: 'manual',
    });
  });

  it('moves a manual clock', async () => {
    const before = aws.clock.now();
    expect((await control('POST', 'clock/advance', { ms: 5000 })).body.now).toBe(before + 5000);
    expect((await control('GET', 'clock')).body).toEqual({ kind: 'manual', now: before + 5000 });
    expect((await control('POST', 'clock/advance', { ms: 'soon' })).status).toBe(400);
  });

  it('injects faults and shows requests', async () => {
    await control('POST', 'faults', { service: 'ecs', kind: 'throttle', times: 2 });
    const call = () => clientsOf(aws).ecs.send(new ListClustersCommand({}));
    expect((await errorOf(call())).name).toBe('ThrottlingException');
    await control('DELETE', 'faults');
    await call();
    expect((await control('GET', 'requests')).body.requests).toMatchObject([
      { operation: 'ListClusters', error: 'ThrottlingException' },
      { operation: 'ListClusters' },
    ]);
    await control('DELETE', 'requests');
    expect(aws.requests).toEqual([]);
    expect((await control('POST', 'faults', { service: 'ecs', kind: 'fire' })).status).toBe(400);
  });

  it('puts roles and claims, ends sessions, resets', async () => {
    const trustPolicy = { Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' } };
    const { body } = await control('PUT', 'roles', { role: 'extra', trustPolicy });
    expect(body.role.arn).toBe('arn:aws:iam::210987654321:role/extra');
    expect((await control('GET', 'roles')).body.roles).toHaveLength(2);
    expect((await control('PUT', 'roles', { role: 'a b', trustPolicy })).body.message).toBe(
      `"a b" is neither a role's name nor its ARN.`,
    );
    await control('PUT', 'claims', { environment: 'production' });
    const claims = (await aws.issuer.mint()).split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      environment: 'production',
    });
    expect((await control('POST', 'sessions/expire')).status).toBe(200);
    expect((await control('POST', 'reset')).status).toBe(200);
    expect(aws.roles.list()).toHaveLength(1);
  });

  it('is not for web pages, and knows what it knows', async () => {
    expect((await control('POST', 'reset', {}, { origin: 'http://evil.example' })).status).toBe(403);
    const { status, body } = await control('GET', 'nope');
    expect(status).toBe(404);
    expect(body.message).toContain('GET health');
  });
});
