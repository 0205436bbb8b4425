import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';

/**
 * Creates repositories in the AWS that AWS_ENDPOINT_URL names, and opens its registry.
 * @param {string[]} repositoryNames
 * @returns {Promise<{ host: string, username: string, password: string }>}
 */
export async function openRegistry(repositoryNames) {
  if (!process.env['AWS_ENDPOINT_URL']) {
    console.error(`usage: npx local-aws exec -- node ${process.argv[1]} …`);
    process.exit(2);
  }
  const ecr = new ECRClient();
  for (const repositoryName of repositoryNames)
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand());
  const { authorizationToken, proxyEndpoint } = authorizationData[0];
  const [username, password] = Buffer.from(authorizationToken, 'base64').toString().split(':');
  return { host: new URL(proxyEndpoint).host, username, password };
}
