import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DescribeClustersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../src/identity/sha256.js';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';
import type { Keys } from '../support/clients.js';

const mismatch = /^The request signature we calculated does not match the signature you provided\./;
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

/** One call to each service: the protocols must refuse alike. */
const calls = (keys: Keys) => {
  const { ecs, ecr, logs, sts } = clientsOf(aws, { credentials: keys });
  return {
    ecs: () => ecs.send(new DescribeClustersCommand({})),
    ecr: () => ecr.send(new DescribeRepositoriesCommand({})),
    logs: () => logs.send(new DescribeLogGroupsCommand({})),
    sts: () => sts.send(new GetCallerIdentityCommand({})),
  };
};
const services = ['ecs', 'ecr', 'logs', 'sts'] as const;

describe.each(services)('%s', (service) => {
  const json = service !== 'sts';

  it('answers a good signature', async () => {
    await expect(calls(aws.credentials)[service]()).resolves.toBeDefined();
  });

  it.each<[string, () => Keys, string, string, RegExp]>([
    [
      'a wrong secret',
      () => ({ ...aws.credentials, secretAccessKey: 'wrong' }),
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      mismatch,
    ],
    [
      'an unknown key',
      () => ({ ...aws.credentials, accessKeyId: 'ASIAUNKNOWN' }),
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      /^The security token included in the request is invalid\.$/,
    ],
    [
      'a wrong session token',
      () => ({ ...aws.credentials, sessionToken: 'wrong' }),
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      /^The security token included in the request is invalid\.$/,
    ],
    [
      'no session token',
      () => ({ accessKeyId: aws.credentials.accessKeyId, secretAccessKey: aws.credentials.secretAccessKey }),
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      /^The security token included in the request is invalid\.$/,
    ],
  ])('refuses %s', async (_what, keys, jsonName, queryName, message) => {
    const error = await errorOf(calls(keys())[service]());
    expect(error.name).toBe(json ? jsonName : queryName);
    expect(error.message).toMatch(message);
    expect(error.status).toBe(json ? 400 : 403);
  });
});

describe('a clock that is wrong', () => {
  const config = () => ({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });

  it.each([
    [-6, /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/],
    [
      6,
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
    ],
  ])('by %i minutes is refused', async (minutes, message) => {
    const skew = { maxAttempts: 1, systemClockOffset: minutes * 60_000 };
    const ecs = new ECSClient({ ...config(), ...skew });
    const fromEcs = await errorOf(ecs.send(new DescribeClustersCommand({})));
    expect(fromEcs.name).toBe('InvalidSignatureException');
    expect(fromEcs.message).toMatch(message);
    const sts = new STSClient({ ...config(), ...skew });
    const fromSts = await errorOf(sts.send(new GetCallerIdentityCommand({})));
    expect(fromSts.name).toBe('SignatureDoesNotMatch');
    expect(fromSts.message).toMatch(message);
  });

  it('by four minutes is not', async () => {
    const ecs = new ECSClient({ ...config(), maxAttempts: 1, systemClockOffset: 4 * 60_000 });
    await expect(ecs.send(new DescribeClustersCommand({}))).resolves.toBeDefined();
  });

  it('is corrected by the SDK from what the refusal says', async () => {
    const ecs = new ECSClient({ ...config(), maxAttempts: 2, systemClockOffset: -3 * 60 * 60_000 });
    const { $metadata } = await ecs.send(new DescribeClustersCommand({}));
    expect($metadata.attempts).toBe(2);
  });
});

describe('a request by hand', () => {
  interface Raw {
    readonly service?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    /** Changes what is sent after it was signed. */
    readonly tamper?: (sent: { headers: Record<string, string>; body: string }) => void;
  }

  async function send({ service = 'ecs', headers = {}, body = '{}', tamper }: Raw) {
    const signer = new SignatureV4({
      service,
      region: 'eu-central-1',
      credentials: aws.credentials,
      sha256: Sha256,
      applyChecksum: false,
    });
    const signed = await signer.sign({
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/',
      headers: {
        host: aws.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters',
        ...headers,
      },
      body,
    });
    const sent = { headers: { ...signed.headers }, body };
    tamper?.(sent);
    const response = await fetch(aws.endpoint, { method: 'POST', headers: sent.headers, body: sent.body });
    const { __type: code, message } = (await response.json()) as { __type?: string; message?: string };
    return { status: response.status, code, message, response };
  }

  it('is answered, with a request id', async () => {
    const { status, response } = await send({});
    expect(status).toBe(200);
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  });

  it('is answered with an unsigned payload', async () => {
    expect((await send({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })).status).toBe(200);
  });

  it.each<[string, Raw, string, RegExp]>([
    [
      'a changed body',
      { tamper: (sent) => (sent.body = '{"maxResults":1}') },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'a changed header',
      {
        tamper: (sent) => (sent.headers['x-amz-target'] = 'AmazonEC2ContainerServiceV20141113.DeleteCluster'),
      },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'a body that is not the one of its signed hash',
      {
        headers: {
          'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        },
      },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'a signature for another service',
      { service: 'ecr' },
      'InvalidSignatureException',
      /^Credential should be scoped to correct service: 'ecs'/,
    ],
    [
      'a date that is not the scope’s',
      { tamper: (sent) => (sent.headers['x-amz-date'] = '20200101T000000Z') },
      'InvalidSignatureException',
      /^Date in Credential scope does not match/,
    ],
    [
      'no signature',
      { tamper: (sent) => delete sent.headers['authorization'] },
      'MissingAuthenticationTokenException',
      /^Missing Authentication Token$/,
    ],
    [
      'another scheme',
      { tamper: (sent) => (sent.headers['authorization'] = 'Basic YTpi') },
      'IncompleteSignatureException',
      /^Authorization header requires/,
    ],
    [
      'no date',
      { tamper: (sent) => delete sent.headers['x-amz-date'] },
      'IncompleteSignatureException',
      /^Authorization header requires existence of/,
    ],
    ['a body that is no JSON', { body: '{' }, 'SerializationException', /not valid JSON/],
    ['a body that is no object', { body: '[]' }, 'SerializationException', /must be a JSON object/],
    [
      'an operation that is not there',
      { headers: { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.toString' } },
      'UnknownOperationException',
      /^local-aws does not serve ecs:toString\.$/,
    ],
    [
      'a service that is not there',
      { headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' } },
      'UnknownOperationException',
      /^local-aws does not serve DynamoDB_20120810:ListTables\.$/,
    ],
  ])('is refused with %s', async (_what, raw, code, message) => {
    const answer = await send(raw);
    expect(answer).toMatchObject({ status: 400, code });
    expect(answer.message).toMatch(message);
    expect(answer.response.headers.get('x-amzn-errortype')).toBe(code);
  });
});
