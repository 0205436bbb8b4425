import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a process needs to know to take this world for AWS and for its runner. */
export interface EnvironmentOptions {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  readonly idTokenRequestUrl: string;
  readonly idTokenRequestToken: string;
}

/** Variables through which an AWS client would find other credentials, or another AWS. */
const misleading = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_USE_FIPS_ENDPOINT',
];

/**
 * The variables to set, and with `undefined` to unset, on top of the environment `inherited`.
 * Endpoints of single services that it has would win over the one of all, so they go.
 */
export function environmentFor(
  options: EnvironmentOptions,
  inherited: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const { endpoint, region, credentials } = options;
  const absent = join(tmpdir(), 'local-aws-has-no-config-file');
  const noProxy = [inherited['NO_PROXY'] ?? inherited['no_proxy'], '127.0.0.1', 'localhost']
    .filter((part) => part !== undefined && part !== '')
    .join(',');
  const unset = [
    ...misleading,
    ...Object.keys(inherited).filter((name) => name.startsWith('AWS_ENDPOINT_URL_')),
  ];
  return {
    ...Object.fromEntries(unset.map((name) => [name, undefined])),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_CONFIG_FILE: join(absent, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(absent, 'credentials'),
    AWS_PAGER: '',
    ACTIONS_ID_TOKEN_REQUEST_URL: options.idTokenRequestUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: options.idTokenRequestToken,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
}
