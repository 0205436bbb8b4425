import { expect, test } from '@jest/globals';
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { startLocalAws } from '../../src/local-aws.js';
import { clientsOf } from '../support/clients.js';
import { accountId, region } from './support.js';

test('a password opens no more than the policies of whoever asked for it', async () => {
  const aws = await startLocalAws();
  try {
    const repositoryName = 'app';
    await clientsOf(aws).ecr.send(new CreateRepositoryCommand({ repositoryName }));
    const credentials = aws.createUserKeys({
      name: 'puller',
      allow: ['ecr:GetAuthorizationToken', 'ecr:BatchGetImage'],
    });
    const { ecr } = clientsOf(aws, { credentials });
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const headers = { authorization: `Basic ${authorizationData?.[0]?.authorizationToken}` };
    const pull = await fetch(`${aws.endpoint}/v2/app/manifests/v1`, { headers });
    expect(await pull.json()).toMatchObject({ errors: [{ code: 'MANIFEST_UNKNOWN' }] });
    const push = await fetch(`${aws.endpoint}/v2/app/blobs/uploads/`, { method: 'POST', headers });
    expect(push.status).toBe(403);
    expect(await push.json()).toEqual({
      errors: [
        {
          code: 'DENIED',
          message: `User: arn:aws:iam::${accountId}:user/puller is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:${region}:${accountId}:repository/app because no identity-based policy allows the ecr:InitiateLayerUpload action`,
        },
      ],
    });
  } finally {
    await aws.stop();
  }
});
