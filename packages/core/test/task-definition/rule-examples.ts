import { ExactNumber } from '../../src/exact-number.js';
import type { TaskDefinitionDocument } from '../../src/task-definition/index.js';
import { validContainer, validDocument } from './stage.js';

type Members = Readonly<Record<string, unknown>>;

export interface Example {
  readonly rule: string;
  readonly what: string;
  readonly document: TaskDefinitionDocument;
  /** Where the finding is; checked if given. */
  readonly at?: string;
}

/** Documents that are right but for one thing. */
export const breaking: Example[] = [];
/** Documents that are only just right. */
export const satisfying: Example[] = [];

interface Pair {
  readonly breaks: TaskDefinitionDocument;
  readonly satisfies: TaskDefinitionDocument;
  readonly at?: string;
}

function rule(id: string, pairs: Readonly<Record<string, Pair>>): void {
  for (const [what, { breaks, satisfies, at }] of Object.entries(pairs)) {
    breaking.push({ rule: id, what, document: breaks, ...(at !== undefined && { at }) });
    satisfying.push({ rule: id, what, document: satisfies });
  }
}

/** A task for Fargate. */
const fargate = validDocument;
/** A task for EC2 in bridge mode, with an additional container where `others` are given. */
function ec2(members: Members = {}, container: Members = {}, ...others: Members[]): TaskDefinitionDocument {
  return {
    family: 'web',
    executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
    requiresCompatibilities: ['EC2'],
    containerDefinitions: [
      validContainer({ memory: 128, ...container }),
      ...others.map((other) => validContainer({ memory: 128, name: 'other', ...other })),
    ],
    ...members,
  };
}
const on = (launchType: string, members: Members = {}, container: Members = {}) =>
  ec2({ requiresCompatibilities: [launchType], ...members }, container);
const managed = (members: Members = {}, container: Members = {}) =>
  on('MANAGED_INSTANCES', { networkMode: 'awsvpc', ...members }, container);
const windows = (members: Members = {}, container: Members = {}) =>
  ec2({ runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' }, ...members }, container);
const windowsOnFargate = (members: Members = {}) =>
  fargate({
    cpu: '1024',
    memory: '2048',
    runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' },
    ...members,
  });

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const ARN = 'arn:aws:iam::123456789012:role/app';
const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:token-a1b2c3';
const volume = (more: Members) => ({ name: 'data', ...more });

// Types

rule('wrong-type', {
  'a number in quotes': {
    breaks: ec2({}, { cpu: '80' }),
    satisfies: ec2({}, { cpu: 80 }),
    at: '$.containerDefinitions[0].cpu',
  },
  'a fraction': { breaks: ec2({}, { cpu: 0.5 }), satisfies: ec2({}, { cpu: 1 }) },
  'a number beyond 32 bits': {
    breaks: ec2({}, { ulimits: [{ name: 'core', softLimit: 0, hardLimit: 2 ** 31 }] }),
    satisfies: ec2({}, { ulimits: [{ name: 'core', softLimit: 0, hardLimit: 2 ** 31 - 1 }] }),
    at: '$.containerDefinitions[0].ulimits[0].hardLimit',
  },
  'a number that loses digits': {
    breaks: ec2({}, { ulimits: [{ name: 'core', softLimit: 0, hardLimit: new ExactNumber('1e400') }] }),
    satisfies: ec2({}, { ulimits: [{ name: 'core', softLimit: -1, hardLimit: -1 }] }),
  },
  'a string for a truth value': {
    breaks: ec2({}, { privileged: 'true' }),
    satisfies: ec2({}, { privileged: true }),
  },
  'a string for a list': { breaks: ec2({}, { command: 'a' }), satisfies: ec2({}, { command: ['a'] }) },
  'an object for a list': { breaks: ec2({ volumes: {} }), satisfies: ec2({ volumes: [] }) },
  'a list for an object': {
    breaks: ec2({}, { dockerLabels: ['a'] }),
    satisfies: ec2({}, { dockerLabels: { a: 'b' } }),
  },
  'an object in a map': {
    breaks: ec2({}, { dockerLabels: { a: {} } }),
    satisfies: ec2({}, { dockerLabels: { a: '' } }),
    at: '$.containerDefinitions[0].dockerLabels.a',
  },
  'an object for a string': { breaks: ec2({ cpu: {} }), satisfies: ec2({ cpu: 256 }) },
  'a string among the containers': {
    breaks: ec2({ containerDefinitions: [validContainer({ memory: 128 }), 'x'] }),
    satisfies: ec2(),
    at: '$.containerDefinitions[1]',
  },
});
rule('missing-member', {
  'no family': { breaks: ec2({ family: undefined }), satisfies: ec2({ family: 'w' }), at: '$.family' },
  'no containers': { breaks: ec2({ containerDefinitions: undefined }), satisfies: ec2() },
  'no image': { breaks: ec2({}, { image: undefined }), satisfies: ec2({}, { image: 'a:1' }) },
  'no condition': {
    breaks: ec2({}, { dependsOn: [{ containerName: 'other' }] }, {}),
    satisfies: ec2({}, { dependsOn: [{ containerName: 'other', condition: 'START' }] }, {}),
  },
});
rule('unknown-member', {
  'a slip of the keyboard': {
    breaks: ec2({}, { enviroment: [] }),
    satisfies: ec2({}, { environment: [] }),
    at: '$.containerDefinitions[0].enviroment',
  },
  'another case': { breaks: ec2({ Volumes: [] }), satisfies: ec2({ volumes: [] }) },
  'a slip in what is required': { breaks: ec2({ family: undefined, famly: 'web' }), satisfies: ec2() },
});
rule('extension-member', {
  'a holder of anchors': {
    breaks: ec2({ 'x-common': { cpu: 1 } }),
    satisfies: ec2({}, { dockerLabels: { 'x-common': '1' } }),
    at: "$['x-common']",
  },
  'a schema for editors': { breaks: ec2({ $schema: 'https://example.com/a.json' }), satisfies: ec2() },
});
rule('newer-member', {
  'nothing like it': {
    breaks: ec2({ quantumMode: true }),
    satisfies: ec2({ pidMode: 'task' }),
    at: '$.quantumMode',
  },
});
rule('unknown-value', {
  'a slip': {
    breaks: ec2({ networkMode: 'bridged' }),
    satisfies: ec2({ networkMode: 'bridge' }),
    at: '$.networkMode',
  },
  'another case': {
    breaks: ec2({}, { portMappings: [{ containerPort: 80, protocol: 'TCP' }] }),
    satisfies: ec2({}, { portMappings: [{ containerPort: 80, protocol: 'tcp' }] }),
  },
  'the beginning of an operating system': {
    breaks: ec2({ runtimePlatform: { operatingSystemFamily: 'windows' } }),
    satisfies: windows(),
  },
  'half an operating system': {
    breaks: ec2({ runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022' } }),
    satisfies: windows(),
  },
  'something else': {
    breaks: ec2({}, { logConfiguration: { logDriver: 'logentries' } }),
    satisfies: ec2({}, { logConfiguration: { logDriver: 'json-file' } }),
  },
});
rule('newer-value', {
  'an operating system': {
    breaks: ec2({ runtimePlatform: { operatingSystemFamily: 'PLAN_9' } }),
    satisfies: ec2({ runtimePlatform: { operatingSystemFamily: 'LINUX' } }),
  },
});

// Names

rule('family-name', {
  'a dot': { breaks: ec2({ family: 'a.b' }), satisfies: ec2({ family: 'a_b-1' }) },
  'too long': { breaks: ec2({ family: 'a'.repeat(256) }), satisfies: ec2({ family: 'a'.repeat(255) }) },
});
rule('container-name', {
  'a space': { breaks: ec2({}, { name: 'a b' }), satisfies: ec2({}, { name: 'A_b-1' }) },
});
rule('container-name-unique', {
  twice: {
    breaks: ec2({}, {}, { name: 'app' }),
    satisfies: ec2({}, {}, { name: 'App' }),
    at: '$.containerDefinitions[1].name',
  },
});
rule('volume-name', {
  'a slash': { breaks: ec2({ volumes: [{ name: 'a/b' }] }), satisfies: ec2({ volumes: [{ name: 'a-b' }] }) },
});
rule('volume-name-unique', {
  twice: {
    breaks: ec2({ volumes: [{ name: 'a' }, { name: 'a' }] }),
    satisfies: ec2({ volumes: [{ name: 'a' }, { name: 'b' }] }),
  },
});
const portName = (name: string) => ec2({}, { portMappings: [{ containerPort: 80, name }] });
rule('port-name', {
  'a capital': { breaks: portName('Web'), satisfies: portName('web') },
  'a hyphen first': { breaks: portName('-web'), satisfies: portName('_web-') },
  'too long': { breaks: portName('a'.repeat(65)), satisfies: portName('a'.repeat(64)) },
});

// Limits

const containers = (count: number) =>
  ec2({ containerDefinitions: times(count, (index) => validContainer({ name: `c${index}`, memory: 6 })) });
rule('container-count', {
  none: { breaks: containers(0), satisfies: containers(1) },
  eleven: { breaks: containers(11), satisfies: containers(10) },
});
rule('essential-container', {
  none: { breaks: ec2({}, { essential: false }), satisfies: ec2({}, { essential: false }, {}) },
});
const sized = (bytes: number) => {
  const empty = ec2({}, { command: [''] });
  const rest = bytes - Buffer.byteLength(JSON.stringify(empty));
  return ec2({}, { command: ['x'.repeat(rest)] });
};
rule('document-size', { 'a byte too many': { breaks: sized(65_537), satisfies: sized(65_536), at: '$' } });
const constraints = (count: number) =>
  ec2({
    placementConstraints: times(count, (index) => ({
      type: 'memberOf',
      expression: `attribute:a == ${index}`,
    })),
  });
rule('placement-constraint-count', { eleven: { breaks: constraints(11), satisfies: constraints(10) } });
const tags = (...list: unknown[]) => ec2({ tags: list });
rule('tag-count', {
  'fifty-one': {
    breaks: tags(...times(51, (index) => ({ key: `k${index}` }))),
    satisfies: tags(...times(50, (index) => ({ key: `k${index}` }))),
  },
});
rule('tag-unique', {
  twice: { breaks: tags({ key: 'a' }, { key: 'a' }), satisfies: tags({ key: 'a' }, { key: 'A' }) },
});
rule('tag-format', {
  'a long key': { breaks: tags({ key: 'a'.repeat(129) }), satisfies: tags({ key: 'a'.repeat(128) }) },
  'an empty key': { breaks: tags({ key: '' }), satisfies: tags({ key: 'a' }) },
  'a long value': {
    breaks: tags({ key: 'a', value: 'a'.repeat(257) }),
    satisfies: tags({ key: 'a', value: 'a'.repeat(256) }),
  },
  'a reserved key': { breaks: tags({ key: 'AWS:a' }), satisfies: tags({ key: 'aws-a' }) },
  'a reserved value': {
    breaks: tags({ key: 'a', value: 'aws:a' }),
    satisfies: tags({ key: 'a', value: 'aws' }),
  },
});

// Images

const image = (text: string) => ec2({}, { image: text });
const digest = 'a'.repeat(64);
rule('image', {
  empty: { breaks: image(''), satisfies: image('a:1') },
  'a placeholder': { breaks: image('<IMAGE>:1'), satisfies: image('__IMAGE__:1') },
  'too long': { breaks: image(`${'a'.repeat(254)}:1`), satisfies: image(`${'a'.repeat(253)}:1`) },
  'a short digest': { breaks: image(`a@sha256:${digest.slice(1)}`), satisfies: image(`a@sha256:${digest}`) },
  'another hash': {
    breaks: image(`a@sha512:${digest}`),
    satisfies: image(`${'a'.repeat(255)}@sha256:${digest}`),
  },
});
rule('image-moving-tag', {
  latest: { breaks: image('a:latest'), satisfies: image('a:latest-1') },
  'no tag': { breaks: image('registry:5000/a'), satisfies: image('registry:5000/a:1') },
  'neither tag nor digest': { breaks: image('a'), satisfies: image(`a@sha256:${digest}`) },
});

// Fargate: sizes

const size = (cpu: string, memory: string) => fargate({ cpu, memory });
rule('fargate-task-size', {
  'no cpu': { breaks: fargate({ cpu: undefined }), satisfies: fargate(), at: '$.cpu' },
  'no memory': {
    breaks: fargate({ memory: undefined }, { memory: 512 }),
    satisfies: fargate({}, { memory: 512 }),
    at: '$.memory',
  },
});
rule('fargate-size', {
  'no such cpu': { breaks: size('300', '512'), satisfies: size('256', '512'), at: '$.cpu' },
  '256': { breaks: size('256', '4096'), satisfies: size('.25 vCPU', '2 GB'), at: '$.memory' },
  '512': { breaks: size('512', '512'), satisfies: size('512', '4096') },
  '1024': { breaks: size('1024', '1024'), satisfies: size('1 vCPU', '8GB') },
  '2048': { breaks: size('2048', '17408'), satisfies: size('2048', '16384') },
  '4096': { breaks: size('4096', '31744'), satisfies: size('4096', '30720') },
  '8192': { breaks: size('8192', '17408'), satisfies: size('8192', '61440') },
  '16384': { breaks: size('16384', '36864'), satisfies: size('16384', '122880') },
  '32768': { breaks: size('32768', '131072'), satisfies: size('32768', '249856') },
  'an odd number': { breaks: size('256', '513'), satisfies: size('256', '1024') },
});
rule('fargate-size-windows', {
  'too small': { breaks: windowsOnFargate({ cpu: '512' }), satisfies: windowsOnFargate() },
  'too large': {
    breaks: windowsOnFargate({ cpu: '8192', memory: '16384' }),
    satisfies: windowsOnFargate({ cpu: '4096', memory: '8192' }),
  },
});

// Fargate: the rest

rule('fargate-network-mode', {
  'another mode': {
    breaks: fargate({ networkMode: 'bridge' }),
    satisfies: fargate({ networkMode: 'awsvpc' }),
    at: '$.networkMode',
  },
  'no mode': { breaks: fargate({ networkMode: undefined }), satisfies: fargate() },
});
const unsupportedOnFargate: Readonly<Record<string, TaskDefinitionDocument>> = {
  ipcMode: fargate({ ipcMode: 'task' }),
  placementConstraints: fargate({ placementConstraints: [{ type: 'memberOf', expression: 'a == b' }] }),
  disableNetworking: fargate({}, { disableNetworking: true }),
  dnsSearchDomains: fargate({}, { dnsSearchDomains: ['a'] }),
  dnsServers: fargate({}, { dnsServers: ['10.0.0.1'] }),
  dockerSecurityOptions: fargate({}, { dockerSecurityOptions: ['no-new-privileges'] }),
  extraHosts: fargate({}, { extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.1' }] }),
  links: fargate({
    containerDefinitions: [validContainer({ links: ['other'] }), validContainer({ name: 'other' })],
  }),
  privileged: fargate({}, { privileged: true }),
  hostname: fargate({}, { hostname: 'a' }),
  devices: fargate({}, { linuxParameters: { devices: [{ hostPath: '/dev/a' }] } }),
  sharedMemorySize: fargate({}, { linuxParameters: { sharedMemorySize: 64 } }),
  maxSwap: fargate({}, { linuxParameters: { maxSwap: 0 } }),
  swappiness: fargate({}, { linuxParameters: { swappiness: 0 } }),
};
rule(
  'fargate-unsupported-member',
  Object.fromEntries(
    Object.entries(unsupportedOnFargate).map(([what, breaks]) => [
      what,
      {
        breaks,
        satisfies: fargate(
          {},
          {
            privileged: false,
            links: [],
            linuxParameters: {
              devices: [],
              initProcessEnabled: true,
              tmpfs: [{ containerPath: '/tmp', size: 64 }],
            },
            systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }],
          },
        ),
      },
    ]),
  ),
);
const requirement = (more: Members) => ({ resourceRequirements: [more] });
rule('fargate-gpu', {
  'a GPU': {
    breaks: fargate({}, requirement({ type: 'GPU', value: '1' })),
    satisfies: ec2({}, requirement({ type: 'GPU', value: '1' })),
  },
});
const capability = (name: string) =>
  fargate({}, { linuxParameters: { capabilities: { add: [name], drop: ['ALL'] } } });
rule('fargate-capabilities', {
  another: { breaks: capability('NET_ADMIN'), satisfies: capability('SYS_PTRACE') },
});
rule('fargate-volume', {
  'a Docker volume': {
    breaks: fargate({ volumes: [volume({ dockerVolumeConfiguration: {} })] }),
    satisfies: fargate({ volumes: [volume({})] }),
  },
  'a host path': {
    breaks: fargate({ volumes: [volume({ host: { sourcePath: '/a' } })] }),
    satisfies: fargate({ volumes: [volume({ host: {} })] }),
  },
});
const storage = (sizeInGiB: number) => fargate({ ephemeralStorage: { sizeInGiB } });
rule('fargate-ephemeral-storage', {
  little: { breaks: storage(20), satisfies: storage(21) },
  much: { breaks: storage(201), satisfies: storage(200) },
});
rule('fargate-timeout', {
  long: { breaks: fargate({}, { stopTimeout: 121 }), satisfies: fargate({}, { stopTimeout: 120 }) },
  short: { breaks: fargate({}, { startTimeout: 1 }), satisfies: fargate({}, { startTimeout: 2 }) },
});
rule('fargate-pid-mode', {
  host: { breaks: fargate({ pidMode: 'host' }), satisfies: fargate({ pidMode: 'task' }) },
  Windows: { breaks: windowsOnFargate({ pidMode: 'task' }), satisfies: windowsOnFargate() },
});
const fargateOs = (operatingSystemFamily: string) =>
  windowsOnFargate({ runtimePlatform: { operatingSystemFamily } });
rule('fargate-operating-system', {
  'an old one': {
    breaks: fargateOs('WINDOWS_SERVER_2016_FULL'),
    satisfies: fargateOs('WINDOWS_SERVER_2019_FULL'),
  },
});
rule('fargate-windows-2025', {
  '2025': { breaks: fargateOs('WINDOWS_SERVER_2025_CORE'), satisfies: fargateOs('WINDOWS_SERVER_2022_FULL') },
});
const router = (options?: Members) =>
  fargate({}, { firelensConfiguration: { type: 'fluentbit', ...(options && { options }) } });
rule('fargate-firelens-config', {
  S3: {
    breaks: router({ 'config-file-type': 's3', 'config-file-value': 'arn:aws:s3:::a/b' }),
    satisfies: router({ 'config-file-type': 'file', 'config-file-value': '/a' }),
  },
});

// Network

const ports = (...portMappings: unknown[]) => ec2({}, { portMappings });
const portsIn = (networkMode: string, ...portMappings: unknown[]) => ec2({ networkMode }, { portMappings });
rule('port-number', {
  zero: { breaks: ports({ containerPort: 0 }), satisfies: ports({ containerPort: 1 }) },
  'too high': { breaks: ports({ containerPort: 65_536 }), satisfies: ports({ containerPort: 65_535 }) },
  none: { breaks: ports({ hostPort: 80 }), satisfies: ports({ containerPort: 80, hostPort: 80 }) },
  both: {
    breaks: ports({ containerPort: 80, containerPortRange: '80-81' }),
    satisfies: ports({ containerPortRange: '80-81' }),
  },
  'a range that goes down': {
    breaks: ports({ containerPortRange: '81-80' }),
    satisfies: ports({ containerPortRange: '1-65535' }),
  },
  'a range of words': {
    breaks: ports({ containerPortRange: 'a-b' }),
    satisfies: ports({ containerPortRange: '80-81' }),
  },
});
rule('port-network-none', {
  'a port': { breaks: portsIn('none', { containerPort: 80 }), satisfies: portsIn('none') },
});
rule('port-host-equal', {
  awsvpc: {
    breaks: portsIn('awsvpc', { containerPort: 80, hostPort: 81 }),
    satisfies: portsIn('awsvpc', { containerPort: 80, hostPort: 80 }),
  },
  host: {
    breaks: portsIn('host', { containerPort: 80, hostPort: 81 }),
    satisfies: portsIn('host', { containerPort: 80 }),
  },
  'a dynamic port': {
    breaks: portsIn('awsvpc', { containerPort: 80, hostPort: 1 }),
    satisfies: portsIn('awsvpc', { containerPort: 80, hostPort: 0 }),
  },
});
rule('port-host-reserved', {
  SSH: {
    breaks: ports({ containerPort: 80, hostPort: 22 }),
    satisfies: ports({ containerPort: 22, hostPort: 23 }),
  },
  'the agent': {
    breaks: ports({ containerPort: 80, hostPort: 51_679 }),
    satisfies: ports({ containerPort: 80, hostPort: 51_681 }),
  },
  'no port': {
    breaks: ports({ containerPort: 80, hostPort: 65_536 }),
    satisfies: ports({ containerPort: 80, hostPort: 65_535 }),
  },
  'Docker in host mode': {
    breaks: portsIn('host', { containerPort: 2375, hostPort: 2375 }),
    satisfies: portsIn('awsvpc', { containerPort: 2375, hostPort: 2375 }),
  },
});
rule('port-mapped-once', {
  'one protocol': {
    breaks: ports({ containerPort: 53 }, { containerPort: 53, protocol: 'tcp' }),
    satisfies: ports({ containerPort: 53 }, { containerPort: 54, protocol: 'tcp' }),
  },
  'ranges that overlap': {
    breaks: ports({ containerPortRange: '80-90' }, { containerPortRange: '90-99' }),
    satisfies: ports({ containerPortRange: '80-89' }, { containerPortRange: '90-99' }),
  },
});
rule('port-protocols', {
  'two protocols': {
    breaks: ports({ containerPort: 53 }, { containerPort: 53, protocol: 'udp' }),
    satisfies: ports({ containerPort: 53 }, { containerPort: 54, protocol: 'udp' }),
  },
});
rule('port-range', {
  'a host port': {
    breaks: ports({ containerPortRange: '80-81', hostPort: 80 }),
    satisfies: ports({ containerPortRange: '80-81' }),
  },
  'host mode': {
    breaks: portsIn('host', { containerPortRange: '80-81' }),
    satisfies: portsIn('awsvpc', { containerPortRange: '80-81' }),
  },
  'too many': {
    breaks: ports(...times(101, (index) => ({ containerPortRange: `${index * 10 + 1}-${index * 10 + 2}` }))),
    satisfies: ports(
      ...times(100, (index) => ({ containerPortRange: `${index * 10 + 1}-${index * 10 + 2}` })),
    ),
  },
});
rule('links-bridge', {
  host: {
    breaks: ec2({ networkMode: 'host' }, { links: ['other:alias'] }, {}),
    satisfies: ec2({ networkMode: 'bridge' }, { links: ['other:alias'] }, {}),
  },
});
rule('links-container', {
  nobody: { breaks: ec2({}, { links: ['nobody'] }), satisfies: ec2({}, { links: ['other'] }, {}) },
  itself: { breaks: ec2({}, { links: ['app'] }), satisfies: ec2({}, { links: [] }) },
});
rule('hostname-awsvpc', {
  awsvpc: {
    breaks: ec2({ networkMode: 'awsvpc' }, { hostname: 'a' }),
    satisfies: ec2({}, { hostname: 'a' }),
  },
});
const hosts = { extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.1' }] };
rule('extra-hosts-awsvpc', {
  awsvpc: { breaks: ec2({ networkMode: 'awsvpc' }, hosts), satisfies: ec2({}, hosts) },
});

// CPU and memory

rule('task-size-format', {
  cpu: { breaks: ec2({ cpu: 'one' }), satisfies: ec2({ cpu: '1vcpu' }) },
  memory: { breaks: ec2({ memory: '512MB' }), satisfies: ec2({ memory: '.5 GB' }) },
});
rule('task-cpu-range', {
  little: { breaks: ec2({ cpu: '127' }), satisfies: ec2({ cpu: '128' }) },
  much: { breaks: ec2({ cpu: '196609' }), satisfies: ec2({ cpu: '192 vCPU' }) },
});
rule('memory-required', {
  none: {
    breaks: ec2({}, { memory: undefined }),
    satisfies: ec2({}, { memory: undefined, memoryReservation: 6 }),
  },
  'none in a task of 0': {
    breaks: ec2({ memory: '0' }, { memory: undefined }),
    satisfies: ec2({ memory: '6' }, { memory: undefined }),
  },
});
rule('memory-minimum', {
  memory: { breaks: ec2({}, { memory: 5 }), satisfies: ec2({}, { memory: 6 }) },
  memoryReservation: {
    breaks: ec2({}, { memoryReservation: 5 }),
    satisfies: ec2({}, { memoryReservation: 6 }),
  },
  'of the task': {
    breaks: ec2({ memory: '5' }, { memory: undefined }),
    satisfies: ec2({ memory: '6' }, { memory: undefined }),
    at: '$.memory',
  },
});
rule('memory-above-reservation', {
  equal: {
    breaks: ec2({}, { memory: 64, memoryReservation: 64 }),
    satisfies: ec2({}, { memory: 65, memoryReservation: 64 }),
  },
});
rule('container-cpu-minimum', {
  negative: {
    breaks: ec2({}, { cpu: -1 }),
    satisfies: ec2({}, { cpu: 0 }),
    at: '$.containerDefinitions[0].cpu',
  },
});
rule('container-memory-sum', {
  'all together': { breaks: ec2({ memory: '255' }, {}, {}), satisfies: ec2({ memory: '256' }, {}, {}) },
  'one alone': {
    breaks: ec2({ memory: '127' }, { memoryReservation: 6 }),
    satisfies: ec2({ memory: '128' }, { memoryReservation: 6 }),
  },
  'a reservation of 0': {
    breaks: ec2({ memory: '255' }, { memoryReservation: 0 }, { memoryReservation: 0 }),
    satisfies: ec2({ memory: '256' }, { memoryReservation: 0 }, { memoryReservation: 0 }),
  },
});
rule('container-cpu-sum', {
  'all together': {
    breaks: ec2({ cpu: '128' }, { cpu: 64 }, { cpu: 65 }),
    satisfies: ec2({ cpu: '128' }, { cpu: 64 }, { cpu: 64 }),
  },
});

// Health

const health = (more: Members = {}) => ec2({}, { healthCheck: { command: ['CMD', 'a'], ...more } });
rule('health-check-command', {
  'no command': { breaks: health({ command: ['CMD'] }), satisfies: health() },
  nothing: { breaks: health({ command: [] }), satisfies: health() },
});
rule('health-check-kind', {
  'no kind': {
    breaks: health({ command: ['/healthcheck'] }),
    satisfies: health({ command: ['CMD', '/healthcheck'] }),
  },
});
rule('health-check-range', {
  interval: { breaks: health({ interval: 4 }), satisfies: health({ interval: 5 }) },
  'a long interval': { breaks: health({ interval: 301 }), satisfies: health({ interval: 300 }) },
  timeout: { breaks: health({ timeout: 1 }), satisfies: health({ timeout: 2 }) },
  'a long timeout': { breaks: health({ timeout: 61 }), satisfies: health({ timeout: 60 }) },
  retries: { breaks: health({ retries: 0 }), satisfies: health({ retries: 1 }) },
  'many retries': { breaks: health({ retries: 11 }), satisfies: health({ retries: 10 }) },
  startPeriod: { breaks: health({ startPeriod: 301 }), satisfies: health({ startPeriod: 0 }) },
});
const restart = (more: Members) => ec2({}, { restartPolicy: { enabled: true, ...more } });
rule('restart-policy', {
  'a short period': {
    breaks: restart({ restartAttemptPeriod: 59 }),
    satisfies: restart({ restartAttemptPeriod: 60 }),
  },
  'a long period': {
    breaks: restart({ restartAttemptPeriod: 1801 }),
    satisfies: restart({ restartAttemptPeriod: 1800 }),
  },
  'many codes': {
    breaks: restart({ ignoredExitCodes: times(51, (index) => index) }),
    satisfies: restart({ ignoredExitCodes: times(50, (index) => index) }),
  },
});

// Dependencies

const waits = (condition: string, other: Members = {}) =>
  ec2({}, { dependsOn: [{ containerName: 'other', condition }] }, other);
rule('depends-on-container', {
  nobody: {
    breaks: ec2({}, { dependsOn: [{ containerName: 'othr', condition: 'START' }] }, {}),
    satisfies: waits('START'),
  },
});
rule('depends-on-cycle', {
  'of two': {
    breaks: waits('START', { dependsOn: [{ containerName: 'app', condition: 'START' }] }),
    satisfies: waits('START'),
  },
  'of one': {
    breaks: ec2({}, { dependsOn: [{ containerName: 'app', condition: 'START' }] }),
    satisfies: ec2(),
  },
});
rule('depends-on-condition', {
  COMPLETE: { breaks: waits('COMPLETE'), satisfies: waits('COMPLETE', { essential: false }) },
  SUCCESS: {
    breaks: waits('SUCCESS', { essential: true }),
    satisfies: waits('SUCCESS', { essential: false }),
  },
  HEALTHY: {
    breaks: waits('HEALTHY'),
    satisfies: waits('HEALTHY', { healthCheck: { command: ['CMD', 'a'] } }),
  },
});

// Volumes

const volumes = (...list: unknown[]) => ec2({ volumes: list });
const efs = { fileSystemId: 'fs-1' };
rule('volume-kind', {
  two: {
    breaks: volumes(volume({ host: {}, efsVolumeConfiguration: efs })),
    satisfies: volumes(volume({ efsVolumeConfiguration: efs })),
  },
  'at launch too': {
    breaks: volumes(volume({ configuredAtLaunch: true, host: {} })),
    satisfies: volumes(volume({ configuredAtLaunch: false, host: {} })),
  },
});
rule('volume-at-launch', {
  two: {
    breaks: volumes({ name: 'a', configuredAtLaunch: true }, { name: 'b', configuredAtLaunch: true }),
    satisfies: volumes({ name: 'a', configuredAtLaunch: true }, { name: 'b' }),
  },
});
const efsVolume = (more: Members) => volumes(volume({ efsVolumeConfiguration: { ...efs, ...more } }));
const accessPoint = { transitEncryption: 'ENABLED', authorizationConfig: { accessPointId: 'fsap-1' } };
rule('volume-efs', {
  'an access point in the clear': {
    breaks: efsVolume({ authorizationConfig: { accessPointId: 'fsap-1' } }),
    satisfies: efsVolume(accessPoint),
  },
  'IAM in the clear': {
    breaks: efsVolume({ transitEncryption: 'DISABLED', authorizationConfig: { iam: 'ENABLED' } }),
    satisfies: efsVolume({ authorizationConfig: { iam: 'DISABLED' } }),
  },
  'a root directory': {
    breaks: efsVolume({ ...accessPoint, rootDirectory: '/a' }),
    satisfies: efsVolume({ ...accessPoint, rootDirectory: '/' }),
  },
});
const s3Files = (more: Members) =>
  volumes(volume({ s3filesVolumeConfiguration: { fileSystemArn: 'arn:a', ...more } }));
rule('volume-s3-files', {
  'a root directory': {
    breaks: s3Files({ accessPointArn: 'arn:b', rootDirectory: '/a' }),
    satisfies: s3Files({ accessPointArn: 'arn:b', rootDirectory: '/' }),
  },
});
const mounts = (sourceVolume?: string) =>
  ec2({ volumes: [{ name: 'data' }] }, { mountPoints: [{ sourceVolume, containerPath: '/data' }] });
rule('mount-point-volume', {
  'no such volume': { breaks: mounts('date'), satisfies: mounts('data') },
  'no volume': { breaks: mounts(), satisfies: mounts('data') },
});
rule('volumes-from-container', {
  nobody: {
    breaks: ec2({}, { volumesFrom: [{ sourceContainer: 'nobody' }] }),
    satisfies: ec2({}, { volumesFrom: [{ sourceContainer: 'other' }] }, {}),
  },
  itself: {
    breaks: ec2({}, { volumesFrom: [{ sourceContainer: 'app' }] }),
    satisfies: ec2({}, { volumesFrom: [] }),
  },
});

// Variables

const plain = (...names: string[]) => names.map((name) => ({ name, value: 'x' }));
const secrets = (...names: string[]) => names.map((name) => ({ name, valueFrom: SECRET }));
rule('variable-unique', {
  plain: {
    breaks: ec2({}, { environment: plain('A', 'A') }),
    satisfies: ec2({}, { environment: plain('A', 'a') }),
    at: '$.containerDefinitions[0].environment[1].name',
  },
});
rule('variable-name', {
  'a variable': {
    breaks: ec2({}, { environment: [{ name: '', value: 'a' }] }),
    satisfies: ec2({}, { environment: [{ name: 'A', value: '' }] }),
    at: '$.containerDefinitions[0].environment[0].name',
  },
  'a secret': {
    breaks: ec2({}, { secrets: [{ name: '', valueFrom: SECRET }] }),
    satisfies: ec2({}, { secrets: [{ name: 'A', valueFrom: SECRET }] }),
    at: '$.containerDefinitions[0].secrets[0].name',
  },
});
rule('secret-unique', {
  secret: {
    breaks: ec2({}, { secrets: secrets('A', 'A') }),
    satisfies: ec2({}, { secrets: secrets('A', 'B') }),
  },
  both: {
    breaks: ec2({}, { environment: plain('A'), secrets: secrets('A') }),
    satisfies: ec2({}, { environment: plain('A'), secrets: secrets('B') }),
    at: '$.containerDefinitions[0].secrets[0].name',
  },
});
const secretFrom = (valueFrom: string) => ec2({}, { secrets: [{ name: 'A', valueFrom }] });
rule('secret-source', {
  'another service': {
    breaks: secretFrom('arn:aws:s3:::bucket/key'),
    satisfies: secretFrom(`${SECRET}:key::`),
  },
  'no account': {
    breaks: secretFrom('arn:aws:ssm:us-east-1::parameter/a'),
    satisfies: secretFrom('arn:aws:ssm:us-east-1:123456789012:parameter/a'),
  },
  'no name': { breaks: secretFrom('<secret>'), satisfies: secretFrom('/prod/token') },
  'of a log driver': {
    breaks: ec2(
      {},
      {
        logConfiguration: {
          logDriver: 'splunk',
          secretOptions: [{ name: 'splunk-token', valueFrom: 'arn:aws:s3:::a' }],
        },
      },
    ),
    satisfies: ec2(
      {},
      {
        logConfiguration: {
          logDriver: 'splunk',
          secretOptions: [{ name: 'splunk-token', valueFrom: SECRET }],
        },
      },
    ),
  },
});
const envFile = (index: number, ending = 'env') => ({
  type: 's3',
  value: `arn:aws:s3:::bucket/${index}.${ending}`,
});
rule('environment-file', {
  'another ending': {
    breaks: ec2({}, { environmentFiles: [envFile(1, 'txt')] }),
    satisfies: ec2({}, { environmentFiles: [envFile(1)] }),
  },
  'no ending': {
    breaks: ec2({}, { environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::bucket/env' }] }),
    satisfies: ec2({}, { environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::bucket/.env' }] }),
  },
  eleven: {
    breaks: ec2({}, { environmentFiles: times(11, (index) => envFile(index)) }),
    satisfies: ec2({}, { environmentFiles: times(10, (index) => envFile(index)) }),
  },
});
const variable = (name: string, value: string) => ec2({}, { environment: [{ name, value }] });
rule('plaintext-secret', {
  'by name': {
    breaks: variable('DB_PASSWORD', 'hunter2'),
    satisfies: variable('DB_PASSWORD_FILE', '/run/secrets/db'),
  },
  'by its camel-case name': {
    breaks: variable('stripeApiKey', 'abcdef'),
    satisfies: variable('stripeApiKeyId', 'abcdef'),
  },
  'by value': {
    breaks: variable('DATABASE_URL', 'postgres://app:hunter2@db/app'),
    satisfies: variable('DATABASE_URL', 'postgres://db/app'),
  },
  'a key': { breaks: variable('A', 'AKIAIOSFODNN7EXAMPLE'), satisfies: variable('SECRET_ARN', SECRET) },
  'a token': { breaks: variable('TOKEN', 'abcd'), satisfies: variable('TOKEN_TTL', '3600') },
});

// Logs

const log = (logDriver: string, options?: Members) => ({
  logConfiguration: { logDriver, ...(options && { options }) },
});
rule('log-driver', {
  Fargate: { breaks: fargate({}, log('json-file')), satisfies: fargate({}, log('splunk')) },
  'Managed Instances': { breaks: managed({}, log('syslog')), satisfies: managed({}, log('json-file')) },
});
const group = { 'awslogs-group': 'a', 'awslogs-region': 'us-east-1' };
rule('awslogs-options', {
  'no prefix on Fargate': {
    breaks: fargate({}, log('awslogs', group)),
    satisfies: ec2({}, log('awslogs', group)),
  },
  'no group': {
    breaks: ec2({}, log('awslogs', { 'awslogs-region': 'us-east-1' })),
    satisfies: ec2({}, log('awslogs', group)),
  },
  'an empty region': {
    breaks: ec2({}, log('awslogs', { ...group, 'awslogs-region': '' })),
    satisfies: ec2({}, log('awslogs', group)),
  },
});
const fluentbit = { firelensConfiguration: { type: 'fluentbit' }, logConfiguration: undefined };
rule('firelens-router', {
  none: { breaks: ec2({}, log('awsfirelens')), satisfies: ec2({}, log('awsfirelens'), fluentbit) },
  two: { breaks: ec2({}, fluentbit, fluentbit), satisfies: ec2({}, {}, fluentbit) },
});
rule('log-configuration-missing', {
  none: { breaks: ec2({}, { logConfiguration: undefined }), satisfies: ec2({}, fluentbit) },
});

// Roles

rule('role', {
  'another ARN': {
    breaks: ec2({ taskRoleArn: 'arn:aws:iam::123456789012:user/app' }),
    satisfies: ec2({ taskRoleArn: ARN }),
  },
  'a placeholder': {
    breaks: ec2({ executionRoleArn: 'arn:aws:iam::<account>:role/app' }),
    satisfies: ec2({ executionRoleArn: 'arn:aws-eusc:iam::123456789012:role/path/app' }),
  },
  'a name with a space': { breaks: ec2({ taskRoleArn: 'a b' }), satisfies: ec2({ taskRoleArn: 'app' }) },
});
const noRole = { executionRoleArn: undefined };
const jsonFile = log('json-file');
rule('execution-role', {
  'an image in ECR': {
    breaks: fargate(noRole, { image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1', ...log('splunk') }),
    satisfies: fargate(noRole, { image: 'public.ecr.aws/a/b:1', ...log('splunk') }),
  },
  awslogs: { breaks: fargate(noRole), satisfies: fargate(noRole, log('splunk')) },
  secrets: {
    breaks: ec2(noRole, { ...jsonFile, secrets: secrets('A') }),
    satisfies: ec2(noRole, { ...jsonFile, secrets: [] }),
  },
  'repository credentials': {
    breaks: ec2(noRole, { ...jsonFile, repositoryCredentials: { credentialsParameter: SECRET } }),
    satisfies: ec2(noRole),
  },
  'environment files': {
    breaks: ec2(noRole, { environmentFiles: [envFile(1)] }),
    satisfies: ec2({}, { environmentFiles: [envFile(1)] }),
  },
});
rule('shared-role', {
  one: { breaks: ec2({ taskRoleArn: ARN, executionRoleArn: ARN }), satisfies: ec2({ taskRoleArn: ARN }) },
});

// Capacity

rule('windows-network-mode', {
  bridge: { breaks: windows({ networkMode: 'bridge' }), satisfies: windows({ networkMode: 'awsvpc' }) },
});
rule(
  'windows-unsupported-member',
  Object.fromEntries(
    Object.entries<TaskDefinitionDocument>({
      user: windows({}, { user: 'a' }),
      privileged: windows({}, { privileged: true }),
      ulimits: windows({}, { ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 1 }] }),
      pidMode: windows({ pidMode: 'task' }),
      'readonlyRootFilesystem on Fargate': windowsOnFargate({
        containerDefinitions: [validContainer({ readonlyRootFilesystem: true })],
      }),
    }).map(([what, breaks]) => [
      what,
      { breaks, satisfies: windows({}, { readonlyRootFilesystem: false, ulimits: [] }) },
    ]),
  ),
);
rule('windows-architecture', {
  ARM: {
    breaks: windows({
      runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE', cpuArchitecture: 'ARM64' },
    }),
    satisfies: ec2({ runtimePlatform: { cpuArchitecture: 'ARM64' } }),
  },
});
rule('managed-instances-network-mode', {
  bridge: { breaks: managed({ networkMode: 'bridge' }), satisfies: managed({ networkMode: 'host' }) },
  none: { breaks: managed({ networkMode: undefined }), satisfies: managed() },
});
rule('managed-instances-operating-system', {
  Windows: {
    breaks: managed({ runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }),
    satisfies: managed({ runtimePlatform: { operatingSystemFamily: 'LINUX' } }),
  },
});
rule('external-network-mode', {
  awsvpc: {
    breaks: on('EXTERNAL', { networkMode: 'awsvpc' }),
    satisfies: on('EXTERNAL', { networkMode: 'host' }),
  },
});
rule('external-volume', {
  EFS: {
    breaks: on('EXTERNAL', { volumes: [volume({ efsVolumeConfiguration: efs })] }),
    satisfies: on('EXTERNAL', { volumes: [volume({ host: { sourcePath: '/a' } })] }),
  },
  EBS: {
    breaks: on('EXTERNAL', { volumes: [volume({ configuredAtLaunch: true })] }),
    satisfies: on('EXTERNAL', { volumes: [volume({ configuredAtLaunch: false })] }),
  },
});
const proxy = (containerName: string) => ({ proxyConfiguration: { containerName } });
rule('external-proxy', {
  'App Mesh': { breaks: on('EXTERNAL', proxy('app')), satisfies: ec2(proxy('app')) },
});
rule('proxy-container', { nobody: { breaks: ec2(proxy('envoy')), satisfies: ec2(proxy('app')) } });
const sharing = { sharingStrategy: { nvidiaMps: {} } };
rule('device-requirement', {
  'neither of the two': {
    breaks: ec2({}, requirement({ type: 'GPU' })),
    satisfies: ec2({}, requirement({ type: 'GPU', ...sharing })),
  },
  both: {
    breaks: ec2({}, requirement({ type: 'GPU', value: '1', ...sharing })),
    satisfies: ec2({}, requirement({ type: 'GPU', value: 'ALL' })),
  },
  'no number': {
    breaks: ec2({}, requirement({ type: 'GPU', value: 'two' })),
    satisfies: ec2({}, requirement({ type: 'GPU', value: '2' })),
  },
  'shared at home': {
    breaks: on('EXTERNAL', {}, requirement({ type: 'GPU', ...sharing })),
    satisfies: on('EXTERNAL', {}, requirement({ type: 'GPU', value: '1' })),
  },
  'some Neuron devices': {
    breaks: managed({}, requirement({ type: 'NeuronDevice', value: '1' })),
    satisfies: managed({}, requirement({ type: 'NeuronDevice', value: 'ALL' })),
  },
  'Neuron devices elsewhere': {
    breaks: ec2({}, requirement({ type: 'NeuronDevice', value: 'ALL' })),
    satisfies: managed({}, requirement({ type: 'NeuronDevice', value: 'ALL' })),
  },
});
const control = (namespace: string) => ({ systemControls: [{ namespace, value: '1' }] });
rule('ipc-system-controls', {
  host: {
    breaks: ec2({ ipcMode: 'host' }, control('kernel.shmmax')),
    satisfies: ec2({ ipcMode: 'host' }, control('net.core.somaxconn')),
  },
});
rule('credential-specs', {
  two: {
    breaks: ec2({}, { credentialSpecs: ['credentialspec:arn:a', 'credentialspec:arn:b'] }),
    satisfies: ec2({}, { credentialSpecs: ['credentialspec:arn:a'] }),
  },
  'no kind': {
    breaks: ec2({}, { credentialSpecs: ['arn:a'] }),
    satisfies: ec2({}, { credentialSpecs: ['credentialspecdomainless:arn:a'] }),
  },
});
const linux = (linuxParameters: Members) => ec2({}, { linuxParameters });
rule('swappiness', {
  'too much': {
    breaks: linux({ maxSwap: 0, swappiness: 101 }),
    satisfies: linux({ maxSwap: 0, swappiness: 100 }),
  },
  'less than no swap': { breaks: linux({ maxSwap: -1 }), satisfies: linux({ maxSwap: 0 }) },
});
rule('inference-accelerators', {
  any: {
    breaks: ec2({ inferenceAccelerators: [{ deviceName: 'a', deviceType: 'eia2.medium' }] }),
    satisfies: ec2({ inferenceAccelerators: [] }),
  },
});
