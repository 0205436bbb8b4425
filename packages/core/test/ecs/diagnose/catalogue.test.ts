import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../../src/ecs/diagnose/catalogue.js';
import { explain } from '../../../src/ecs/diagnose/diagnose.js';
import type { Fact } from '../../../src/ecs/diagnose/evidence.js';

const said = (text: string, more: Partial<Fact> = {}): Fact => ({
  source: 'task',
  text,
  containers: [],
  log: '',
  ...more,
});
const exited = (exitCode: number, log = ''): Fact =>
  said('Essential container in task exited', {
    stopCode: 'EssentialContainerExited',
    containers: [{ name: 'app', exitCode }],
    log,
  });

const FARGATE =
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';

/** What ECS, its agent, Fargate and containers say, and the entry that explains it. */
const table: readonly (readonly [id: string, fact: Fact])[] = [
  [
    'image-not-found',
    said(
      'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v9: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v9: not found',
    ),
  ],
  [
    'image-not-found',
    said(
      'CannotPullContainerError: Error response from daemon: manifest for nginx:nope not found: manifest unknown: manifest unknown. Check whether the image exists.',
    ),
  ],
  [
    'image-platform-mismatch',
    said(
      "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'",
    ),
  ],
  [
    'image-platform-mismatch',
    said('CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries'),
  ],
  [
    'image-pull-denied',
    said(
      "CannotPullContainerError: Error response from daemon: pull access denied for web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    ),
  ],
  [
    'image-pull-denied',
    said(
      'CannotPullECRContainerError: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0123 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/web. Check that the role has the permissions to pull the image.',
    ),
  ],
  [
    'image-pull-denied',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User is not authorized to perform: ecr:GetAuthorizationToken',
    ),
  ],
  [
    'image-pull-rate-limit',
    said(
      'CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/latest: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.',
    ),
  ],
  [
    'image-pull-network',
    said(
      'CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/web/manifests/v1": dial tcp 10.0.0.1:443: i/o timeout',
    ),
  ],
  [
    'image-pull-network',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 10.0.0.1:443: i/o timeout',
    ),
  ],
  [
    'image-pull-network',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp 52.0.0.1:443: i/o timeout',
    ),
  ],
  ['image-pull-failed', said('CannotPullContainerError: something that nobody has seen before')],
  [
    'disk-full',
    said(
      'CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:1c2: write /var/lib/x: no space left on device',
    ),
  ],
  [
    'secret-access-denied',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/0 is not authorized to perform: secretsmanager:GetSecretValue',
    ),
  ],
  [
    'secret-key-missing',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key PASSWORD',
    ),
  ],
  [
    'secret-not-found',
    said(
      "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
  ],
  [
    'secret-not-found',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /web/token',
    ),
  ],
  [
    'secret-unreachable',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded',
    ),
  ],
  [
    'log-group-missing',
    said(
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1',
    ),
  ],
  [
    'log-access-denied',
    said(
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User is not authorized to perform: logs:CreateLogStream : exit status 1',
    ),
  ],
  [
    'log-endpoint-unreachable',
    said('ResourceInitializationError: failed to validate logger args: : signal: killed'),
  ],
  [
    'environment-file-unreadable',
    said(
      'ResourceInitializationError: failed to download env files: file download command: non empty error stream: RequestCanceled',
    ),
  ],
  [
    'volume-mount-failed',
    said(
      'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: Connection timed out',
    ),
  ],
  [
    'volume-mount-failed',
    said('CannotCreateVolumeError: Error response from daemon: create data: plugin "rexray" not found'),
  ],
  // Fargate's way to say it; what begins alike is none the less another cause.
  [
    'entry-point-not-found',
    said(`${FARGATE}exec: "/app/nope": stat /app/nope: no such file or directory: unknown`),
  ],
  ['entry-point-not-found', said(`${FARGATE}exec: "nope": executable file not found in $PATH: unknown`)],
  ['entry-point-not-found', said(`${FARGATE}exec: "/docker-entrypoint.sh": permission denied: unknown`)],
  ['exec-format-error', said(`${FARGATE}exec /app: exec format error: unknown`)],
  // Names tell nothing.
  [
    'image-not-found',
    said('CannotPullContainerError: failed to resolve ref ghcr.io/acme/denied-page:1: not found'),
  ],
  ['image-pull-rate-limit', said('CannotPullContainerError: failed to do request: 429 Too Many Requests')],
  [
    'secret-not-found',
    said(
      "ResourceInitializationError: unable to retrieve secret from asm: failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/kms-token from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
  ],
  [
    'secret-access-denied',
    said(
      'ResourceInitializationError: unable to retrieve secret from asm: failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: Access to KMS is not allowed',
    ),
  ],
  [
    'insufficient-memory',
    said(
      '(service service-connect-envoy) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123) has insufficient memory available.',
      { source: 'event' },
    ),
  ],
  ['resource-initialization-failed', said('ResourceInitializationError: failed to configure something new')],
  [
    'out-of-memory',
    said('OutOfMemoryError: Container killed due to memory usage', {
      containers: [{ name: 'app', exitCode: 137 }],
    }),
  ],
  [
    'out-of-memory',
    exited(137, 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'),
  ],
  ['exec-format-error', exited(1, 'exec /usr/local/bin/node: exec format error')],
  [
    'entry-point-not-found',
    said(
      'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: OCI runtime create failed: exec: "serve": executable file not found in $PATH'.replace(
        'ResourceInitializationError: ',
        '',
      ),
    ),
  ],
  ['entry-point-not-found', exited(127, 'sh: 1: serve: not found')],
  ['entry-point-not-found', exited(126)],
  [
    'elb-health-check-timeout',
    said(
      '(service web) (port 8080) is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1) due to (reason Request timed out).',
      { source: 'event' },
    ),
  ],
  [
    'elb-health-check-failed',
    said(
      'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1)',
      { stopCode: 'ServiceSchedulerInitiated' },
    ),
  ],
  [
    'elb-health-check-failed',
    said(
      '(service web) (port 8080) is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1) due to (reason Health checks failed with these codes: [404]).',
      { source: 'event' },
    ),
  ],
  [
    'container-health-check-failed',
    said('(service web) (task 0123) failed container health checks.', { source: 'event' }),
  ],
  [
    'container-health-check-failed',
    said('Task failed container health checks', { stopCode: 'ServiceSchedulerInitiated' }),
  ],
  ['service-discovery-unhealthy', said('Service Connect: envoy did not become ready')],
  [
    'port-in-use',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123) is already using a port required by your task.',
      { source: 'event' },
    ),
  ],
  ['port-in-use', exited(1, 'Error: listen EADDRINUSE: address already in use 0.0.0.0:8080')],
  [
    'insufficient-memory',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123) has insufficient memory available.',
      { source: 'event' },
    ),
  ],
  [
    'insufficient-memory',
    said('RESOURCE:MEMORY: arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/1', {
      source: 'failure',
    }),
  ],
  [
    'insufficient-cpu',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123) has insufficient CPU units available.',
      { source: 'event' },
    ),
  ],
  ['insufficient-gpu', said('RESOURCE:GPU', { source: 'failure' })],
  ['network-interface-exhausted', said('RESOURCE:ENI', { source: 'failure' })],
  [
    'subnet-addresses-exhausted',
    said(
      "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet",
    ),
  ],
  ['network-interface-timeout', said('Timeout waiting for network interface provisioning to complete.')],
  [
    'agent-disconnected',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123) encountered error "AGENT".',
      { source: 'event' },
    ),
  ],
  ['agent-disconnected', said('AGENT', { source: 'failure' })],
  ['placement-attribute-missing', said('ATTRIBUTE', { source: 'failure' })],
  [
    'placement-attribute-missing',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123) is missing an attribute required by your task.',
      { source: 'event' },
    ),
  ],
  [
    'vcpu-quota-reached',
    said(
      "(service web) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently.",
      { source: 'event' },
    ),
  ],
  [
    'capacity-unavailable',
    said(
      '(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.',
      { source: 'event' },
    ),
  ],
  [
    'capacity-provider-empty',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your capacity provider.',
      { source: 'event' },
    ),
  ],
  [
    'placement-failed',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements.',
      { source: 'event' },
    ),
  ],
  [
    'deployment-deadlocked',
    said(
      '(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
      { source: 'event' },
    ),
  ],
  [
    'task-protection',
    said('(service web) was unable to scale in due to (reason 2 tasks under protection)', {
      source: 'event',
    }),
  ],
  [
    'task-starts-throttled',
    said('(service web) is unable to consistently start tasks successfully.', { source: 'event' }),
  ],
  [
    'pass-role-denied',
    said(
      'User: arn:aws:sts::123456789012:assumed-role/deploy/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/exec',
      { source: 'statement' },
    ),
  ],
  [
    'task-role-not-assumable',
    said(
      "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/exec' that was provided for this task.",
    ),
  ],
  [
    'service-role-misconfigured',
    said(
      '(service web) failed to launch a task with (error ECS IAM trust relationship has been misconfigured.)',
      { source: 'event' },
    ),
  ],
  [
    'alarm-triggered',
    said('Service deployment rolled back because a CloudWatch alarm was triggered.', { source: 'statement' }),
  ],
  [
    'alarm-triggered',
    said('Service deployment rolled back because alarms were detected: web-5xx.', { source: 'statement' }),
  ],
  [
    'alarm-triggered',
    said('(service web) (deployment ecs-svc/1) deployment failed: alarm detected.', { source: 'event' }),
  ],
  [
    'runtime-timeout',
    said('ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 3m0s'),
  ],
  [
    'runtime-timeout',
    said('DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s'),
  ],
  [
    'container-not-created',
    said('CannotCreateContainerError: API error (400): invalid mount config for type "bind"'),
  ],
  ['container-not-created', said('InternalError: unable to create container')],
  ['spot-interruption', said('Your Spot Task was interrupted.', { stopCode: 'SpotInterruption' })],
  ['spot-interruption', said('', { stopCode: 'TerminationNotice' })],
  ['stopped-by-user', said('Task stopped by user', { stopCode: 'UserInitiated' })],
  ['host-lost', said('Host EC2 (instance i-1) terminated.')],
  ['segmentation-fault', exited(139)],
  ['killed', exited(137)],
  ['terminated', said('', { containers: [{ name: 'app', exitCode: 143 }] })],
  ['application-exited', exited(1, 'Error: DATABASE_URL is not set')],
  [
    'application-exited',
    said('Essential container in task exited', { stopCode: 'EssentialContainerExited', containers: [] }),
  ],
  // Other wordings of the same, each as AWS gives it.
  [
    'image-pull-network',
    said(
      'CannotPullContainerError: The task cannot pull 123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v1 from the registry 123456789012.dkr.ecr.eu-west-1.amazonaws.com. There is a connection issue between the task and the registry. Check your task network configuration. : failed to copy: httpReadSeeker: failed open: failed to do request',
    ),
  ],
  [
    'image-pull-network',
    said(
      'CannotPullContainerError: Error response from daemon: Get https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    ),
  ],
  [
    'image-pull-network',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, context deadline exceeded',
    ),
  ],
  [
    'image-pull-network',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: pull command failed: : signal: killed',
    ),
  ],
  [
    'image-not-found',
    said(
      "CannotPullContainerError: name unknown: The repository with name 'web' does not exist in the registry with id '123456789012'",
    ),
  ],
  [
    'secret-unreachable',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull secrets from AWS Secrets Manager: There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration. context deadline exceeded',
    ),
  ],
  [
    'secret-unreachable',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull secrets from Amazon SSM. There is a connection issue between the task and AWS Systems Manager Parameter Store. Check your task network configuration. context deadline exceeded',
    ),
  ],
  [
    'secret-unreachable',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration. failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded',
    ),
  ],
  [
    'secret-unreachable',
    said(
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestError: send request failed caused by: Post "https://ssm.eu-west-1.amazonaws.com/": dial tcp 10.0.0.1:443: i/o timeout',
    ),
  ],
  [
    'secret-not-found',
    said(
      "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot fetch the secret with ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db' from AWS Secrets Manager. Check whether the secret exists in the specified Region. ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
  ],
  [
    'log-group-missing',
    said(
      'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: operation error CloudWatch Logs: CreateLogStream, https response error StatusCode: 400, ResourceNotFoundException: The specified log group does not exist.',
    ),
  ],
  [
    'log-access-denied',
    said(
      'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: AccessDeniedException: User is not authorized to perform: logs:CreateLogStream',
    ),
  ],
  [
    'log-endpoint-unreachable',
    said(
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 5 times: failed to create Cloudwatch log stream: RequestError: send request failed caused by: Post "https://logs.eu-west-1.amazonaws.com/": dial tcp 10.0.0.1:443: i/o timeout : exit status 1',
    ),
  ],
  [
    'log-endpoint-unreachable',
    said(
      'ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed',
    ),
  ],
  [
    'log-endpoint-unreachable',
    said(
      'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: RequestError: send request failed caused by: Post "https://logs.eu-west-1.amazonaws.com/": dial tcp: lookup logs.eu-west-1.amazonaws.com: no such host',
    ),
  ],
  [
    'log-driver-unreachable',
    said(
      'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: dial unix /var/run/fluent.sock: connect: no such file or directory',
    ),
  ],
  [
    'environment-file-unreadable',
    said(
      "ResourceInitializationError: The task can't download the environment variable files from Amazon S3. There is a connection issue between the task and Amazon S3. Check your task network configuration.",
    ),
  ],
  [
    'environment-file-unreadable',
    said(
      'ResourceInitializationError: failed to download env files: file download command: non empty error stream: AccessDenied: Access Denied status code: 403',
    ),
  ],
  [
    'volume-mount-failed',
    said(
      'CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/srv/conf.yml" to rootfs at "/app/conf.yml": mount /srv/conf.yml:/app/conf.yml (via /proc/self/fd/6), flags: 0x5000: no such file or directory: unknown',
    ),
  ],
  [
    'volume-mount-failed',
    said(
      "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' : unsuccessful EFS utils command execution; code: 32",
    ),
  ],
  [
    'entry-point-not-found',
    said(
      'CannotStartContainerError: API error (404): oci runtime error: container_linux.go:247: starting container process caused "exec: \\"npm\\": executable file not found in $PATH"',
    ),
  ],
  [
    'entry-point-not-found',
    said(
      'CannotStartContainerError: Error response from daemon: OCI runtime create failed: standard_init_linux.go:228: exec user process caused: no such file or directory',
    ),
  ],
  [
    'container-not-created',
    said(
      'CannotStartContainerError: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: error during container init: chdir to cwd ("/app") set in config.json failed: no such file or directory: unknown',
    ),
  ],
  [
    'container-not-created',
    said(
      'CannotStartContainerError: Error response from daemon: OCI runtime create failed: unable to find user appuser: no matching entries in passwd file',
    ),
  ],
  [
    'agent-disconnected',
    said(
      "(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 doesn't have the agent connected. For more information, see the Troubleshooting section.",
      { source: 'event' },
    ),
  ],
  [
    'service-role-misconfigured',
    said(
      '(service web) was unable to place a task. Reason: The ECS IAM permissions policies are misconfigured.',
      { source: 'event' },
    ),
  ],
  [
    'elb-health-check-failed',
    said(
      '(service web) (instance i-1) is unhealthy in (elb web-elb) due to (reason Instance has failed at least the UnhealthyThreshold number of health checks consecutively.)',
      { source: 'event' },
    ),
  ],
  [
    'task-protection',
    said('(service web, taskSet ecs-svc/1) was unable to scale in due to (reason 1 task under protection)', {
      source: 'event',
    }),
  ],
  [
    'network-interface-exhausted',
    said(
      '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 0123) encountered error "RESOURCE:ENI".',
      { source: 'event' },
    ),
  ],
  [
    'vcpu-quota-reached',
    said(
      "(service web) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently.",
      { source: 'event' },
    ),
  ],
  ['entry-point-not-found', exited(255, 'exec /docker-entrypoint.sh: no such file or directory')],
];

describe('the catalogue', () => {
  test.each(table)('%s', (id, fact) => {
    expect(explain(fact)?.id).toBe(id);
  });

  test('every entry has an example above', () => {
    const shown = new Set(table.map(([id]) => id));
    expect(CATALOGUE.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });

  test('ids are unique, and every entry says cause, remedy and where AWS writes about it', () => {
    expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
    for (const { cause, remedy, docs } of CATALOGUE) {
      expect(cause).toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
      expect(docs).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    }
  });

  test('explains nothing that it does not know', () => {
    expect(explain(said('FluxCapacitorError: 1.21 gigawatts missing'))).toBeUndefined();
  });
});
