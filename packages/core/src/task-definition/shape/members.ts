import type { StringShape } from './shape.js';
import { boolean, choice, growing, integer, map, oneOf, sequence, set, string, struct } from './shape.js';

/**
 * Every member of `RegisterTaskDefinition`, in the order in which documents are written. A test holds
 * this table to the SDK's own schema, so that a new member of the API shows up there first.
 *
 * Source: API reference, RegisterTaskDefinition and ContainerDefinition.
 */

const keyValuePair = struct({ 'name!': string, value: string });
/** Where a secret is: an ARN, or the name of a parameter. */
export const secretReference: StringShape = { kind: 'string' };
const secret = struct({ 'name!': string, 'valueFrom!': secretReference });

const portMapping = struct({
  name: string,
  containerPort: integer,
  containerPortRange: string,
  hostPort: integer,
  protocol: oneOf('tcp', 'udp'),
  appProtocol: oneOf('http', 'http2', 'grpc'),
});

const linuxParameters = struct({
  capabilities: struct({ add: set(string), drop: set(string) }),
  devices: set(
    struct({
      'hostPath!': string,
      containerPath: string,
      permissions: set(oneOf('read', 'write', 'mknod')),
    }),
    'hostPath',
    'containerPath',
  ),
  initProcessEnabled: boolean,
  maxSwap: integer,
  sharedMemorySize: integer,
  swappiness: integer,
  tmpfs: set(
    struct({ 'containerPath!': string, 'size!': integer, mountOptions: sequence(string) }),
    'containerPath',
  ),
});

const ulimitName = oneOf(
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
);

export const containerDefinitionShape = struct({
  'name!': string,
  'image!': string,
  repositoryCredentials: struct({ 'credentialsParameter!': string }),
  cpu: integer,
  memory: integer,
  memoryReservation: integer,
  essential: boolean,
  entryPoint: sequence(string),
  command: sequence(string),
  workingDirectory: string,
  user: string,
  portMappings: set(portMapping, 'containerPort', 'containerPortRange', 'protocol'),
  environment: set(keyValuePair, 'name'),
  environmentFiles: sequence(struct({ 'value!': string, 'type!': oneOf('s3') })),
  secrets: set(secret, 'name'),
  mountPoints: set(
    struct({ sourceVolume: string, containerPath: string, readOnly: boolean }),
    'containerPath',
  ),
  volumesFrom: set(struct({ sourceContainer: string, readOnly: boolean }), 'sourceContainer'),
  dependsOn: set(
    struct({
      'containerName!': string,
      'condition!': oneOf('START', 'COMPLETE', 'SUCCESS', 'HEALTHY'),
    }),
    'containerName',
  ),
  healthCheck: struct({
    'command!': sequence(string),
    interval: integer,
    timeout: integer,
    retries: integer,
    startPeriod: integer,
  }),
  restartPolicy: struct({
    'enabled!': boolean,
    ignoredExitCodes: set(integer),
    restartAttemptPeriod: integer,
  }),
  startTimeout: integer,
  stopTimeout: integer,
  logConfiguration: struct({
    'logDriver!': oneOf(
      'awslogs',
      'awsfirelens',
      'splunk',
      'json-file',
      'fluentd',
      'gelf',
      'journald',
      'syslog',
    ),
    options: map,
    secretOptions: set(secret, 'name'),
  }),
  firelensConfiguration: struct({ 'type!': oneOf('fluentbit', 'fluentd'), options: map }),
  dockerLabels: map,
  links: set(string),
  hostname: string,
  extraHosts: set(struct({ 'hostname!': string, 'ipAddress!': string }), 'hostname', 'ipAddress'),
  dnsServers: sequence(string),
  dnsSearchDomains: sequence(string),
  disableNetworking: boolean,
  privileged: boolean,
  readonlyRootFilesystem: boolean,
  dockerSecurityOptions: set(string),
  interactive: boolean,
  pseudoTerminal: boolean,
  linuxParameters,
  ulimits: set(struct({ 'name!': ulimitName, 'softLimit!': integer, 'hardLimit!': integer }), 'name'),
  systemControls: set(struct({ namespace: string, value: string }), 'namespace'),
  resourceRequirements: set(
    struct({
      'type!': growing('GPU', 'InferenceAccelerator', 'NeuronDevice'),
      value: string,
      sharingStrategy: struct({ nvidiaMps: choice({ maxComputePercent: integer, memory: integer }) }),
    }),
    'type',
  ),
  credentialSpecs: sequence(string),
  versionConsistency: oneOf('enabled', 'disabled'),
});

const volume = struct({
  'name!': string,
  configuredAtLaunch: boolean,
  // An empty one is what ECS answers for a volume of no kind.
  host: struct({ sourcePath: string }),
  dockerVolumeConfiguration: choice({
    scope: oneOf('task', 'shared'),
    autoprovision: boolean,
    driver: string,
    driverOpts: map,
    labels: map,
  }),
  efsVolumeConfiguration: choice({
    'fileSystemId!': string,
    rootDirectory: string,
    transitEncryption: oneOf('ENABLED', 'DISABLED'),
    transitEncryptionPort: integer,
    authorizationConfig: struct({ accessPointId: string, iam: oneOf('ENABLED', 'DISABLED') }),
  }),
  s3filesVolumeConfiguration: choice({
    'fileSystemArn!': string,
    rootDirectory: string,
    transitEncryptionPort: integer,
    accessPointArn: string,
  }),
  fsxWindowsFileServerVolumeConfiguration: choice({
    'fileSystemId!': string,
    'rootDirectory!': string,
    'authorizationConfig!': struct({ 'credentialsParameter!': string, 'domain!': string }),
  }),
});

const tags = set(struct({ 'key!': string, value: string }), 'key');

export const taskDefinitionShape = struct({
  'family!': string,
  taskRoleArn: string,
  executionRoleArn: string,
  networkMode: oneOf('bridge', 'host', 'awsvpc', 'none'),
  requiresCompatibilities: set(growing('EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES')),
  runtimePlatform: struct({
    cpuArchitecture: oneOf('X86_64', 'ARM64'),
    operatingSystemFamily: growing(
      'LINUX',
      'WINDOWS_SERVER_2016_FULL',
      'WINDOWS_SERVER_2004_CORE',
      'WINDOWS_SERVER_20H2_CORE',
      'WINDOWS_SERVER_2019_CORE',
      'WINDOWS_SERVER_2019_FULL',
      'WINDOWS_SERVER_2022_CORE',
      'WINDOWS_SERVER_2022_FULL',
      'WINDOWS_SERVER_2025_CORE',
      'WINDOWS_SERVER_2025_FULL',
    ),
  }),
  cpu: string,
  memory: string,
  ephemeralStorage: struct({ 'sizeInGiB!': integer }),
  pidMode: oneOf('host', 'task'),
  ipcMode: oneOf('host', 'task', 'none'),
  enableFaultInjection: boolean,
  'containerDefinitions!': set(containerDefinitionShape, 'name'),
  volumes: set(volume, 'name'),
  placementConstraints: set(struct({ type: oneOf('memberOf'), expression: string })),
  proxyConfiguration: struct({
    type: oneOf('APPMESH'),
    'containerName!': string,
    properties: set(keyValuePair, 'name'),
  }),
  inferenceAccelerators: set(struct({ 'deviceName!': string, 'deviceType!': string }), 'deviceName'),
  tags,
});

/** What `DescribeTaskDefinition` answers. */
export const describedShape = struct({ taskDefinition: taskDefinitionShape, tags });

/**
 * Members that `DescribeTaskDefinition` adds and `RegisterTaskDefinition` does not take.
 * Source: API reference, TaskDefinition.
 */
export const RESPONSE_ONLY_MEMBERS: readonly string[] = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
];
