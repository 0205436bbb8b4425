import type { Fact } from './evidence.js';

/** How much a diagnosis explains: what stands first is told first. */
export type Weight =
  /** Names the cause itself. */
  | 'cause'
  /** Says how it ended; the log tells why. */
  | 'symptom'
  /** Something slowed down or interrupted, not of the deployment's making. */
  | 'circumstance';

/** A way in which tasks fail on ECS. */
export interface CatalogueEntry {
  /** Stable, kebab-case: scripts may match on it. */
  readonly id: string;
  readonly weight: Weight;
  readonly matches: (fact: Fact) => boolean;
  /** What probably happened, one sentence. */
  readonly cause: string;
  /** What to do about it, imperative. */
  readonly remedy: string;
  /** AWS page on it. */
  readonly docs: string;
}

const GUIDE = 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/';
const PULL = `${GUIDE}task_cannot_pull_image.html`;
const INIT = `${GUIDE}resource-initialization-error.html`;
const STOPPED = `${GUIDE}stopped-task-error-codes.html`;
const EVENTS = `${GUIDE}service-event-messages-list.html`;
const FAILURES = `${GUIDE}api_failures_messages.html`;

type Matcher = (fact: Fact) => boolean;

/**
 * What is said without what says nothing: the name that somebody gave a service, and the words that
 * Fargate puts before whatever goes wrong with secrets *or* the registry.
 */
const told = (text: string): string =>
  text
    .replaceAll(/\(service [^)\s]*/g, '(service')
    .replaceAll(/unable to pull secrets or registry auth/gi, '');

const says =
  (pattern: RegExp): Matcher =>
  ({ text }) =>
    pattern.test(told(text));
const logs =
  (pattern: RegExp): Matcher =>
  ({ log }) =>
    pattern.test(log);
const exits =
  (...codes: number[]): Matcher =>
  ({ containers }) =>
    containers.some(
      ({ exitCode, bystander }) => exitCode !== undefined && bystander !== true && codes.includes(exitCode),
    );
const stops =
  (...stopCodes: string[]): Matcher =>
  ({ stopCode }) =>
    stopCode !== undefined && stopCodes.includes(stopCode);
const all =
  (...matchers: Matcher[]): Matcher =>
  (fact) =>
    matchers.every((matches) => matches(fact));
const any =
  (...matchers: Matcher[]): Matcher =>
  (fact) =>
    matchers.some((matches) => matches(fact));

const initialization = says(/ResourceInitializationError/);
const secret = says(
  /(unable to retrieve|(unable to|cannot) pull) secrets?\b|secretsmanager|Secrets Manager|secret from (asm|ssm)|ssm:GetParameter|invalid ssm parameters|Amazon SSM|Parameter Store/i,
);
const pull = says(
  /CannotPullContainerError|CannotPullECRContainerError|CannotPull|pull image|failed to resolve ref|pull access denied/i,
);
const registryAuth = all(initialization, says(/registry auth|Amazon ECR|api\.ecr/i));
const logDriver = says(/failed to validate logger args|CloudWatch log|awslogs/i);
/** Nothing was reached, whatever it was. */
const network = says(
  /connection issue between the task and|Check your (task )?network configuration|i\/o timeout|dial (tcp|udp)|no such host|request canceled|TLS handshake timeout|connection (refused|reset)|context deadline exceeded/i,
);

/**
 * Every way of failing that we know, the more specific before the more general: the first entry
 * that matches a fact explains it. Wordings are those of the ECS agent, of Fargate and of the
 * developer guide's pages on stopped tasks, service events and API failures.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  // Images
  {
    id: 'image-platform-mismatch',
    weight: 'cause',
    matches: says(
      /does not contain descriptor matching platform|no matching manifest for|no match for platform in manifest/i,
    ),
    cause: 'The image was not built for the CPU architecture or operating system that the task runs on.',
    remedy:
      'Build the image for that platform (or for several), or set runtimePlatform.cpuArchitecture in the task definition to what the image is.',
    docs: PULL,
  },
  {
    id: 'image-pull-rate-limit',
    weight: 'cause',
    matches: any(says(/toomanyrequests|pull rate limit/i), all(pull, says(/429 Too Many Requests/i))),
    cause:
      'The registry refused the pull because its rate limit is used up (Docker Hub limits anonymous pulls).',
    remedy: 'Pull through an ECR pull-through cache, copy the image to ECR, or give repositoryCredentials.',
    docs: PULL,
  },
  {
    id: 'image-pull-denied',
    weight: 'cause',
    matches: any(
      says(/ecr:(GetAuthorizationToken|BatchGetImage|BatchCheckLayerAvailability|GetDownloadUrlForLayer)/),
      all(
        pull,
        says(
          /AccessDenied|(?<![\w/-])denied(?![\w/-])|unauthorized|not authorized|authorization failed|no basic auth|403 Forbidden|role has the permissions/i,
        ),
      ),
    ),
    cause:
      'The task execution role may not pull the image, or the repository does not exist under that name.',
    remedy:
      'Check executionRoleArn and its policy (AmazonECSTaskExecutionRolePolicy covers ECR), the repository policy across accounts, and the name of the image.',
    docs: PULL,
  },
  {
    id: 'disk-full',
    weight: 'cause',
    matches: says(/no space left on device/i),
    cause: 'The disk of the task or of its container instance is full.',
    remedy:
      'Raise ephemeralStorage (Fargate, 21 to 200 GiB) or free the disk of the container instances; a smaller image helps too.',
    docs: PULL,
  },
  {
    id: 'image-pull-network',
    weight: 'cause',
    matches: any(
      all(
        any(pull, registryAuth),
        network,
        (fact) => !secret(fact) || /connection issue between the task and Amazon ECR/.test(fact.text),
      ),
      // All that Fargate says of a registry, or of secrets, that it waited for in vain.
      says(/pull command failed: *: signal: killed/i),
    ),
    cause: 'The task has no network path to the registry.',
    remedy:
      'Give the subnets a NAT gateway, assign a public IP in a public subnet, or add VPC endpoints for ECR (api and dkr) and S3; check that the security group lets HTTPS out.',
    docs: PULL,
  },
  {
    id: 'image-not-found',
    weight: 'cause',
    matches: all(pull, says(/not found|manifest unknown|does not exist|Check whether the image exists/i)),
    cause: 'The image or its tag is not in the repository.',
    remedy: 'Push the image before deploying it, and check repository, tag or digest in the task definition.',
    docs: PULL,
  },
  {
    id: 'image-pull-failed',
    weight: 'symptom',
    matches: pull,
    cause: 'The image could not be pulled.',
    remedy:
      'Read the end of the reason; check the image reference, the execution role and the network of the task.',
    docs: PULL,
  },
  // Secrets, environment files and log groups: before the container starts
  {
    id: 'secret-key-missing',
    weight: 'cause',
    matches: says(/did not contain json key/i),
    cause: 'The secret has no such JSON key.',
    remedy:
      'Add the key to the secret in Secrets Manager, or correct the key in valueFrom (arn:…:secret:name:KEY::).',
    docs: INIT,
  },
  {
    id: 'secret-access-denied',
    weight: 'cause',
    matches: all(secret, says(/AccessDenied|not authorized|\bkms:\w|(?:to|from|by) KMS\b|KMS key/i)),
    cause: 'The task execution role may not read a secret or parameter of the task definition.',
    remedy:
      'Allow secretsmanager:GetSecretValue or ssm:GetParameters on it to the execution role, and kms:Decrypt if it is encrypted with a key of your own.',
    docs: INIT,
  },
  {
    id: 'secret-not-found',
    weight: 'cause',
    matches: any(
      all(
        secret,
        says(/ResourceNotFoundException|can't find the specified secret|ParameterNotFound|not found/i),
      ),
      says(/invalid ssm parameters/i),
    ),
    cause: 'A secret or parameter of the task definition does not exist in this account and region.',
    remedy:
      'Check the ARN in valueFrom: account, region, name and (for Secrets Manager) the six characters at its end.',
    docs: INIT,
  },
  {
    id: 'secret-unreachable',
    weight: 'cause',
    matches: all(secret, any(network, says(/timeout|timed out|connection|network/i))),
    cause: 'The task has no network path to Secrets Manager or Systems Manager.',
    remedy:
      'Give the subnets a NAT gateway, assign a public IP in a public subnet, or add VPC endpoints for secretsmanager, ssm and kms.',
    docs: INIT,
  },
  {
    id: 'log-group-missing',
    weight: 'cause',
    matches: all(
      any(logDriver, says(/log ?group/i)),
      says(/ResourceNotFoundException|does not exist|signal: killed.*not found/is),
    ),
    cause: 'The log group of the task definition does not exist.',
    remedy:
      'Create the log group, correct awslogs-group and awslogs-region, or set awslogs-create-group to "true" (and allow logs:CreateLogGroup to the execution role).',
    docs: INIT,
  },
  {
    id: 'log-access-denied',
    weight: 'cause',
    matches: all(any(logDriver, says(/\blogs:/i)), says(/AccessDenied|not authorized/i)),
    cause: 'The task execution role may not write to CloudWatch Logs.',
    remedy:
      'Allow logs:CreateLogStream and logs:PutLogEvents (and logs:CreateLogGroup with awslogs-create-group) to the execution role.',
    docs: INIT,
  },
  {
    id: 'log-endpoint-unreachable',
    weight: 'cause',
    matches: all(logDriver, any(network, says(/signal: killed|timeout/i))),
    cause: 'The task has no network path to CloudWatch Logs.',
    remedy:
      'Give the subnets a NAT gateway, assign a public IP in a public subnet, or add a VPC endpoint for logs.',
    docs: INIT,
  },
  {
    id: 'log-driver-unreachable',
    weight: 'cause',
    matches: says(/failed to initialize logging driver/i),
    cause: 'The log driver of the container could not be started: what it sends to is not there.',
    remedy:
      'Check the options of logConfiguration, and that what they name (a socket, a FireLens container, an endpoint) is there before the container starts and can be reached.',
    docs: STOPPED,
  },
  {
    id: 'environment-file-unreadable',
    weight: 'cause',
    matches: all(initialization, says(/environment (variable )?file|env file|failed to download env/i)),
    cause: 'An environment file could not be fetched from S3.',
    remedy:
      'Check the S3 ARN in environmentFiles, s3:GetObject and s3:GetBucketLocation of the execution role, and the route to S3.',
    docs: INIT,
  },
  {
    id: 'volume-mount-failed',
    weight: 'cause',
    matches: says(
      /failed to invoke EFS utils|EFS mount|mount\.nfs|CannotCreateVolumeError|failed to create (EBS )?volume|EBS volume|VolumeInitializationError|error mounting|bind source path does not exist/i,
    ),
    cause: 'A volume of the task could not be created or mounted.',
    remedy:
      'Check the volume definition, that what is mounted exists (host.sourcePath, a directory for a directory, a file for a file), the security group of the file system (NFS, port 2049), and the role that manages the volume.',
    docs: STOPPED,
  },
  // Memory, architecture, entry point: the container itself
  {
    id: 'out-of-memory',
    weight: 'cause',
    matches: any(
      says(/OutOfMemory|out of memory|Container killed due to memory usage/i),
      all(exits(137), logs(/heap out of memory|OutOfMemoryError|Cannot allocate memory|Killed process/i)),
      logs(/JavaScript heap out of memory|java\.lang\.OutOfMemoryError/),
    ),
    cause: 'The container used more memory than it may.',
    remedy: 'Raise memory in the task definition (task and container), or lower what the application uses.',
    docs: STOPPED,
  },
  {
    id: 'exec-format-error',
    weight: 'cause',
    matches: any(says(/exec format error/i), logs(/exec format error/i)),
    cause: 'The image was built for another CPU architecture than the task runs on.',
    remedy:
      'Build the image for that platform, or set runtimePlatform.cpuArchitecture in the task definition to what the image is.',
    docs: STOPPED,
  },
  {
    id: 'entry-point-not-found',
    weight: 'cause',
    matches: any(
      says(
        /executable file not found|\bexec\b.*no such file or directory|process caused:? "?no such file|exec: ".*": (stat|permission denied)|StartError.*(not found|permission denied)/i,
      ),
      logs(/^exec \S+: no such file or directory/m),
      exits(126, 127),
    ),
    cause: 'The command of the container does not exist in the image or is not executable.',
    remedy:
      'Check entryPoint and command of the task definition and of the image: path, spelling, executable bit, and line endings of scripts.',
    docs: STOPPED,
  },
  // Health
  {
    id: 'elb-health-check-timeout',
    weight: 'cause',
    matches: all(
      says(/ELB health checks|is unhealthy in/i),
      says(/Request timed out|Target\.Timeout|Connection to target/i),
    ),
    cause: 'The load balancer could not reach the task: it got no answer.',
    remedy:
      'Let the load balancer in through the security group of the tasks, check that the application listens on 0.0.0.0 and the port of the mapping, and give it time with healthCheckGracePeriodSeconds.',
    docs: `${GUIDE}troubleshoot-service-load-balancers.html`,
  },
  {
    id: 'elb-health-check-failed',
    weight: 'cause',
    matches: says(
      /ELB health checks|is unhealthy in \(?(target-group|elb)\b|elasticloadbalancing.*unhealthy/i,
    ),
    cause: 'The load balancer reached the task and did not get the answer it expects.',
    remedy:
      'Check path and expected codes of the target group against what the application answers there, and give it time to start with healthCheckGracePeriodSeconds.',
    docs: `${GUIDE}troubleshoot-service-load-balancers.html`,
  },
  {
    id: 'container-health-check-failed',
    weight: 'cause',
    matches: says(/failed container health checks|unhealthy container/i),
    cause: 'The healthCheck command of a container failed too often.',
    remedy:
      'Check that the command exists in the image (curl is often missing) and succeeds there, and that startPeriod covers the start of the application.',
    docs: `${GUIDE}view-container-health.html`,
  },
  {
    id: 'service-discovery-unhealthy',
    weight: 'cause',
    matches: says(/Cloud ?Map|Service Connect|service discovery|ecs-service-connect-|RegisterInstance/i),
    cause:
      'The task was not healthy to, or could not be registered with, service discovery or Service Connect.',
    remedy: 'Check the namespace, the port names and the log of the Service Connect agent.',
    docs: `${GUIDE}service-connect.html`,
  },
  // Permissions
  {
    id: 'pass-role-denied',
    weight: 'cause',
    matches: says(/iam:PassRole/),
    cause: 'The caller may not hand the task or execution role to ECS.',
    remedy:
      'Allow iam:PassRole on these roles, with the condition iam:PassedToService ecs-tasks.amazonaws.com.',
    docs: `${GUIDE}security_iam_id-based-policy-examples.html`,
  },
  {
    id: 'task-role-not-assumable',
    weight: 'cause',
    matches: says(/unable to assume the role|Role is not valid|ECS was unable to assume/i),
    cause: 'ECS may not assume a role of the task definition or service.',
    remedy:
      'Check that the role exists and that its trust policy allows sts:AssumeRole to ecs-tasks.amazonaws.com (for the service role: ecs.amazonaws.com).',
    docs: `${GUIDE}task_execution_IAM_role.html`,
  },
  {
    id: 'service-role-misconfigured',
    weight: 'cause',
    matches: says(
      /IAM permissions policies|IAM trust relationship has been misconfigured|AWSServiceRoleForECS|service-linked role/i,
    ),
    cause: 'The role that ECS uses for this service lacks a permission or a trust relationship.',
    remedy:
      'Use the service-linked role AWSServiceRoleForECS, or repair the policy and trust of the role of the service.',
    docs: `${GUIDE}using-service-linked-roles.html`,
  },
  // Placement and capacity
  {
    id: 'port-in-use',
    weight: 'cause',
    matches: any(
      says(/already using a port required/i),
      says(/RESOURCE:PORTS?\b/),
      says(/port is already allocated|address already in use/i),
      logs(/EADDRINUSE|address already in use/i),
    ),
    cause: 'A host port that the task needs is taken.',
    remedy:
      'Use dynamic host ports (hostPort 0) or awsvpc; with fixed ports lower minimumHealthyPercent so that an old task can stop first; within a task, give each container its own port.',
    docs: EVENTS,
  },
  {
    id: 'insufficient-memory',
    weight: 'cause',
    matches: any(says(/RESOURCE:MEMORY/), says(/insufficient memory/i)),
    cause: 'No container instance has enough free memory for the task.',
    remedy:
      'Add container instances, lower the memory of the task, or let old tasks stop first (minimumHealthyPercent).',
    docs: EVENTS,
  },
  {
    id: 'insufficient-cpu',
    weight: 'cause',
    matches: any(says(/RESOURCE:CPU/), says(/insufficient CPU/i)),
    cause: 'No container instance has enough free CPU units for the task.',
    remedy:
      'Add container instances, lower the cpu of the task, or let old tasks stop first (minimumHealthyPercent).',
    docs: EVENTS,
  },
  {
    id: 'insufficient-gpu',
    weight: 'cause',
    matches: says(/RESOURCE:GPU|insufficient GPU/i),
    cause: 'No container instance has a free GPU for the task.',
    remedy: 'Add GPU instances, or let old tasks stop first (minimumHealthyPercent).',
    docs: FAILURES,
  },
  {
    id: 'network-interface-exhausted',
    weight: 'cause',
    matches: any(
      says(/RESOURCE:ENI/),
      says(/no network interfaces? (is|are) available|insufficient (ENI|network interface)/i),
    ),
    cause: 'No container instance can attach another network interface.',
    remedy: 'Turn on ENI trunking (awsvpcTrunking), use larger instances, or add some.',
    docs: FAILURES,
  },
  {
    id: 'subnet-addresses-exhausted',
    weight: 'cause',
    matches: says(
      /attempting to Create Network Interface|InsufficientFreeAddressesInSubnet|insufficient free addresses/i,
    ),
    cause:
      'EC2 could not create a network interface for the task: most often the subnet has no free addresses.',
    remedy: 'Use larger or more subnets, and check the quota of network interfaces.',
    docs: STOPPED,
  },
  {
    id: 'network-interface-timeout',
    weight: 'circumstance',
    matches: says(/Timeout waiting for (network interface|EphemeralStorage)|network interface provisioning/i),
    cause: 'AWS took too long to provide what the task needs.',
    remedy: 'ECS tries again by itself; if it goes on, look at the AWS Health Dashboard.',
    docs: STOPPED,
  },
  {
    id: 'agent-disconnected',
    weight: 'cause',
    matches: says(
      /^AGENT\b|: AGENT\b|"AGENT"|\bAGENT\b.*(error|disconnected)|agent (is )?disconnected|doesn.t have the agent connected|encountered error "AGENT"/,
    ),
    cause: 'The ECS agent of the container instances is not connected.',
    remedy: 'Check the agent, the instance role and the network of the container instances.',
    docs: EVENTS,
  },
  {
    id: 'placement-attribute-missing',
    weight: 'cause',
    matches: says(
      /^ATTRIBUTE\b|: ATTRIBUTE\b|missing an attribute|unsupported attribute|MemberOf placement constraint unsatisfied/im,
    ),
    cause:
      'No container instance has an attribute that the task requires (from a placement constraint, or a feature such as a log driver).',
    remedy:
      'Compare requiresAttributes and placementConstraints of the task definition with the attributes of the instances; update the ECS agent.',
    docs: FAILURES,
  },
  {
    id: 'vcpu-quota-reached',
    weight: 'cause',
    matches: says(/limit on the number of vCPUs|vCPU limit|limit on the number of tasks/i),
    cause: 'The quota of Fargate vCPUs (or tasks) of this account and region is used up.',
    remedy: 'Request a higher quota in Service Quotas, or run fewer or smaller tasks.',
    docs: `${GUIDE}service-quotas.html`,
  },
  {
    id: 'capacity-unavailable',
    weight: 'cause',
    matches: says(/Capacity is unavailable at this time/i),
    cause: 'AWS has no capacity of this kind right now (in these Availability Zones).',
    remedy: 'Add subnets in other Availability Zones or another capacity provider, or try again later.',
    docs: STOPPED,
  },
  {
    id: 'capacity-provider-empty',
    weight: 'cause',
    matches: says(
      /No Container Instances were found in your (capacity provider|cluster)|tasks provisioning capacity limit was exceeded/i,
    ),
    cause: 'The cluster or capacity provider has no container instance to place the task on.',
    remedy:
      'Check that instances of the Auto Scaling group register with this cluster, and that managed scaling may add some.',
    docs: EVENTS,
  },
  {
    id: 'placement-failed',
    weight: 'symptom',
    matches: says(/was unable to place a task|no container instance met all of its requirements/i),
    cause: 'No container instance met all requirements of the task.',
    remedy: 'Read the rest of the message: it names the closest instance and what it lacks.',
    docs: EVENTS,
  },
  // The scheduler
  {
    id: 'deployment-deadlocked',
    weight: 'cause',
    matches: says(/because of the service deployment configuration|leave ECS no room to replace/i),
    cause: 'minimumHealthyPercent and maximumPercent leave ECS no room to start or stop even one task.',
    remedy:
      'Raise maximumPercent or lower minimumHealthyPercent: with one desired task, 100 and 100 can never roll.',
    docs: EVENTS,
  },
  {
    id: 'task-protection',
    weight: 'circumstance',
    matches: says(/tasks? under protection/i),
    cause: 'Protected tasks keep ECS from scaling in the old deployment.',
    remedy: 'Wait until protection expires, or end it with UpdateTaskProtection.',
    docs: `${GUIDE}task-scale-in-protection.html`,
  },
  {
    id: 'task-starts-throttled',
    weight: 'symptom',
    matches: says(/unable to consistently start tasks successfully/i),
    cause: 'Tasks keep failing to start, so ECS tries ever more rarely (up to a quarter of an hour apart).',
    remedy: 'Fix what makes the tasks stop, then deploy again; the next deployment starts afresh.',
    docs: `${GUIDE}service-throttle-logic.html`,
  },
  {
    id: 'alarm-triggered',
    weight: 'cause',
    matches: says(/\balarms? (was |were )?(detected|triggered|breached)|because of (an? )?alarm/i),
    cause: 'A CloudWatch alarm of the deployment went off.',
    remedy: 'Look at the alarm: the new version moved the metric that it watches.',
    docs: `${GUIDE}deployment-alarm-failure.html`,
  },
  // The container runtime
  {
    id: 'runtime-timeout',
    weight: 'circumstance',
    matches: says(/(ContainerRuntimeTimeout|DockerTimeout)Error|Could not transition to .*timed out/i),
    cause: 'The container runtime of the host did not answer in time.',
    remedy:
      'Usually the host is overloaded or out of disk throughput: ECS tries again; if it goes on, look at the container instance.',
    docs: STOPPED,
  },
  {
    id: 'container-not-created',
    weight: 'symptom',
    matches: says(
      /CannotStartContainerError|CannotCreateContainerError|CannotInspectContainerError|ContainerRuntimeError|CannotGetDockerClientVersionError|InternalError/,
    ),
    cause: 'The container runtime could not create or start the container.',
    remedy:
      'Read the end of the reason: mounts, devices, limits, user and working directory of the container definition are what it tends to name.',
    docs: STOPPED,
  },
  // Not of the deployment's making
  {
    id: 'spot-interruption',
    weight: 'circumstance',
    matches: any(stops('SpotInterruption', 'TerminationNotice'), says(/Spot Task was interrupted/i)),
    cause: 'AWS took the Spot capacity back: nothing is wrong with the deployment.',
    remedy: 'ECS starts the task elsewhere by itself; mix in on-demand capacity if it happens too often.',
    docs: `${GUIDE}fargate-capacity-providers.html`,
  },
  {
    id: 'stopped-by-user',
    weight: 'circumstance',
    matches: any(stops('UserInitiated'), says(/^Task stopped by user|stopped by user/im)),
    cause: 'Somebody called StopTask.',
    remedy: 'Find out who in CloudTrail (event StopTask).',
    docs: STOPPED,
  },
  {
    id: 'host-lost',
    weight: 'circumstance',
    matches: any(
      stops('InfrastructureHealth'),
      says(
        /Host EC2 .* (stopped|terminated)|infrastructure (issue|health)|Task was stopped because of hardware/i,
      ),
    ),
    cause: 'The host under the task went away.',
    remedy: 'ECS starts the task elsewhere by itself.',
    docs: STOPPED,
  },
  // Exit codes: what the application itself did
  {
    id: 'segmentation-fault',
    weight: 'symptom',
    matches: exits(139),
    cause: 'The application crashed with a segmentation fault (exit code 139).',
    remedy: 'Read its last log lines; suspect native libraries, and images built for another libc or CPU.',
    docs: STOPPED,
  },
  {
    id: 'killed',
    weight: 'symptom',
    matches: exits(137),
    cause:
      'The container was killed (exit code 137): out of memory, or it ignored SIGTERM until its stopTimeout was over.',
    remedy:
      'Look for memory first; otherwise end on SIGTERM, and make sure that the signal reaches the application (exec form of the entry point, initProcessEnabled).',
    docs: STOPPED,
  },
  {
    id: 'terminated',
    weight: 'circumstance',
    matches: all(exits(143), ({ containers }) =>
      containers.every(({ exitCode }) => exitCode === undefined || exitCode === 143),
    ),
    cause: 'The container ended on SIGTERM (exit code 143): it was asked to.',
    remedy: 'Look for what stopped it: another essential container, a health check, or somebody.',
    docs: STOPPED,
  },
  {
    id: 'application-exited',
    weight: 'symptom',
    matches: any(
      stops('EssentialContainerExited'),
      says(/Essential container in task exited/i),
      ({ containers }) => containers.some(({ exitCode }) => exitCode !== undefined && exitCode !== 0),
    ),
    cause: 'An essential container ended, and with it the task.',
    remedy:
      'Its last log lines tell why. A service needs containers that keep running: also exit code 0 ends the task.',
    docs: STOPPED,
  },
  // Fargate puts these words before everything that goes wrong until a container runs: what follows says more.
  {
    id: 'resource-initialization-failed',
    weight: 'symptom',
    matches: initialization,
    cause: 'Something the task needs before its containers start could not be set up.',
    remedy: 'Read the end of the reason: it names what was missing.',
    docs: INIT,
  },
];
