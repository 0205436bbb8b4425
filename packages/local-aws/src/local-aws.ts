import type { Backend } from './backends/backend.js';
import { createDockerBackend } from './backends/docker.js';
import { createScriptedBackend } from './backends/scripted.js';
import { createCloudWatch } from './cloudwatch/cloudwatch.js';
import { createCodeDeploy } from './codedeploy/codedeploy.js';
import { createEcs } from './ecs/ecs.js';
import { createElb } from './elb/elb.js';
import { tokenRequestUrl } from './endpoints/oidc-endpoint.js';
import { environmentFor } from './environment.js';
import type { Credential } from './identity/credentials.js';
import { createIdentity } from './identity/identity.js';
import type { UserOptions } from './identity/identity.js';
import { authorize } from './identity/permissions.js';
import type { IdentityProvider, IdentityProviderOptions } from './identity/identity-providers.js';
import type { TokenClaims } from './identity/issuer.js';
import type { Role, RoleOptions } from './identity/roles.js';
import { createLogs } from './logs/logs.js';
import type { Logs } from './logs/logs.js';
import { StaleReads } from './protocol/stale-reads.js';
import { createRegistry } from './registry/registry.js';
import type { Registry } from './registry/registry.js';
import { startServer } from './server.js';
import { Activity } from './world/activity.js';
import { createClientClock } from './world/client-clock.js';
import type { ClientClock, WorldClock } from './world/clock.js';
import { Faults } from './world/faults.js';
import type { Fault } from './world/faults.js';
import { ManualClock } from './world/manual-clock.js';
import { RequestLog } from './world/request-log.js';
import type { RequestRecord } from './world/request-log.js';
import { RunningClock } from './world/running-clock.js';
import type { World } from './world/world.js';

export interface LocalAwsOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** What time ECS, ECR and Logs go by; `scale` is how many times as fast as the wall's. Default `real`. */
  readonly clock?: 'manual' | 'real' | { readonly scale: number };
  /** Epoch milliseconds at which the world's clock starts. Default: now. */
  readonly startTime?: number;
  /** Twelve digits. Default `123456789012`. */
  readonly accountId?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Whether tasks are played or run in Docker. Default `scripted`. */
  readonly backend?: 'scripted' | 'docker';
  /**
   * Follow ECR where it strays from the OCI distribution specification: 201 for a chunk, no blob
   * mounts, no empty blobs. Default false.
   */
  readonly strictRegistry?: boolean;
  /** EC2 container instances in the cluster `default`. Default 0. */
  readonly instances?: number;
}

/** A running embedded AWS. */
export interface LocalAws {
  /** `http://127.0.0.1:PORT`: the endpoint of every API. */
  readonly endpoint: string;
  /** `127.0.0.1:PORT`: the registry's host in image references. */
  readonly host: string;
  readonly region: string;
  readonly accountId: string;
  readonly clock: ClientClock;
  /** Of an administrator's session, which never ends. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  readonly issuer: {
    /** As in `ACTIONS_ID_TOKEN_REQUEST_URL`. */
    readonly idTokenRequestUrl: string;
    /** As in `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
    readonly idTokenRequestToken: string;
    /** A request URL whose tokens have these claims: for a job of its own. */
    requestUrlFor(claims: TokenClaims): string;
    /** A signed ID token. */
    mint(claims?: TokenClaims): Promise<string>;
    /** Changes the claims of every token from now on. */
    setClaims(claims: TokenClaims): void;
  };
  /** IAM roles. There is one from the start: `github-deploy`, which `repo:octo-org/octo-app:*` may take. */
  readonly roles: {
    put(options: RoleOptions): Role;
    remove(arn: string): boolean;
    list(): Role[];
  };
  /** OpenID Connect providers of accounts. The world's own account has GitHub's from the start. */
  readonly identityProviders: {
    put(options?: IdentityProviderOptions): IdentityProvider;
    remove(options?: Pick<IdentityProviderOptions, 'accountId' | 'issuer'>): boolean;
  };
  /** Long-lived keys of an IAM user, without a session token. */
  createUserKeys(options: UserOptions): Pick<Credential, 'accessKeyId' | 'secretAccessKey'>;
  /** Ends every session that STS has given out, as if its time were up. */
  expireSessions(): void;
  readonly faults: { inject(fault: Fault): void; clear(): void };
  /** What was asked, oldest first, refused requests included. */
  readonly requests: readonly RequestRecord[];
  /** Variables to set (`undefined`: to unset) for a process that should take this for AWS. */
  environment(): Record<string, string | undefined>;
  /** Back to the start, time excepted: no resources, default roles, no faults. Credentials stay valid. */
  reset(): Promise<void>;
  /** Ends everything that was started. */
  stop(): Promise<void>;
}

/** Starts an embedded AWS on a loopback address. The caller stops it. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const { accountId = '123456789012', region = 'us-east-1' } = options;
  const wallNow = () => Date.now();
  const activity = new Activity();
  const worldClock = createClock(options, activity);
  let host = '';
  const world: World = { clock: worldClock, accountId, region, host: () => host };

  const clock = createClientClock(worldClock, activity);
  const identity = createIdentity(accountId, wallNow);
  const faults = new Faults();
  const requests = new RequestLog();
  const staleReads = new StaleReads();
  const logs = createLogs(world);
  const registry = createRegistry(world, {
    strict: options.strictRegistry ?? false,
    authorize: (principalArn, required) => {
      const principal = identity.credentials.findPrincipal(principalArn);
      if (principal !== undefined) authorize(principal, required, 'json');
    },
  });
  const backend = createBackend(options.backend, world, registry, logs);
  const elb = createElb(world, { findTasks: (arn, scope) => ecs.targetsOf(arn, scope) });
  const { findTargetGroup, findTargetGroupArn, forward } = elb;
  const { findImage } = registry;
  const ecs = createEcs(world, { findImage, logs: logs.sink, backend, findTargetGroup, forward });
  const cloudwatch = createCloudWatch(world, {
    onAlarmState: (name, state, scope) => ecs.setAlarmState(name, state === 'ALARM' ? 'ALARM' : 'OK', scope),
  });
  const { findAlarming } = cloudwatch;
  const codedeploy = createCodeDeploy(world, { taskSets: ecs.taskSets, findAlarming, findTargetGroupArn });
  const instances = options.instances ?? 0;
  if (instances > 0) ecs.addContainerInstances('default', instances);

  const reset = () => {
    ecs.reset();
    worldClock.clear();
    activity.forgetSleepers();
    if (instances > 0) ecs.addContainerInstances('default', instances);
    elb.reset();
    cloudwatch.reset();
    codedeploy.reset();
    logs.reset();
    registry.reset();
    identity.reset();
    faults.clear();
    requests.clear();
    staleReads.clear();
    return Promise.resolve();
  };
  const server = await startServer(options.port ?? 0, {
    world,
    clock,
    identity,
    services: [ecs.service, registry.ecr, logs.service, cloudwatch.service, codedeploy.service],
    queryServices: [elb.service, cloudwatch.queryService],
    registry,
    faults,
    requests,
    staleReads,
    activity,
    wallNow,
    reset,
  }).catch(async (error: unknown) => {
    await backend.close();
    throw error;
  });
  host = server.host;
  const endpoint = `http://${host}`;
  const { administrator, issuer } = identity;
  const credentials = {
    accessKeyId: administrator.accessKeyId,
    secretAccessKey: administrator.secretAccessKey,
    sessionToken: administrator.sessionToken,
  };
  const token = {
    idTokenRequestUrl: tokenRequestUrl(endpoint),
    idTokenRequestToken: issuer.requestToken,
  };

  return {
    endpoint,
    host,
    region,
    accountId,
    clock,
    credentials,
    issuer: {
      ...token,
      requestUrlFor: (claims) => tokenRequestUrl(endpoint, claims),
      mint: (claims) => issuer.mint({ aud: 'sts.amazonaws.com', ...claims }),
      setClaims: (claims) => issuer.setClaims(claims),
    },
    roles: identity.roles,
    identityProviders: identity.providers,
    createUserKeys: (user) => identity.createUserKeys(user),
    expireSessions: () => identity.credentials.expireSessions(),
    faults,
    requests: requests.records,
    environment: () => environmentFor({ endpoint, region, credentials, ...token }, process.env),
    reset,
    stop: async () => {
      await server.stop();
      await reset();
      await backend.close();
    },
  };
}

function createClock(options: LocalAwsOptions, activity: Activity): WorldClock {
  const { clock = 'real', startTime = Date.now() } = options;
  if (clock === 'manual') return new ManualClock(startTime, activity);
  return new RunningClock(startTime, clock === 'real' ? 1 : clock.scale);
}

function createBackend(
  kind: LocalAwsOptions['backend'],
  world: World,
  registry: Registry,
  logs: Logs,
): Backend {
  if (kind === 'docker') {
    return createDockerBackend(world, {
      logs: logs.sink,
      registryPassword: ({ accountId, region }) => {
        const principalArn = `arn:aws:sts::${accountId}:assumed-role/ecs-agent/local-aws`;
        return registry.issueToken({ registryId: accountId, accountId, region, principalArn }).password;
      },
    });
  }
  return createScriptedBackend(world, { findImage: registry.findImage, logs: logs.sink });
}
