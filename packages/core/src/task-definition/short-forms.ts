import { nearestName, plainName } from './suggest.js';

/**
 * What members are called for short, or in Compose files and Kubernetes manifests: too far from the name that ECS
 * knows for a slip of the keyboard, and yet no doubt what is meant. Lower case, without separators.
 */
export const SHORT_FORMS: Readonly<Record<string, readonly string[]>> = {
  // Of the task.
  family: ['name'],
  containerDefinitions: ['container', 'containers', 'containerdefs'],
  taskRoleArn: ['role', 'rolearn'],
  executionRoleArn: ['execrole', 'execrolearn', 'taskexecutionrole', 'taskexecutionrolearn'],
  requiresCompatibilities: ['launchtype', 'launchtypes'],
  runtimePlatform: ['platform'],
  ephemeralStorage: ['disk', 'storage'],
  placementConstraints: ['constraints', 'placement'],
  enableFaultInjection: ['faultinjection'],
  proxyConfiguration: ['proxy'],
  networkMode: ['net'],
  pidMode: ['pid'],
  ipcMode: ['ipc'],
  // Of a container.
  image: ['imageuri', 'img'],
  memory: ['mem', 'memoryhardlimit', 'memlimit', 'memorylimit'],
  memoryReservation: ['memreservation'],
  command: ['args', 'cmd', 'test'],
  workingDirectory: ['cwd', 'workdir'],
  environment: ['env', 'environmentvariables', 'envs', 'envvars', 'variables', 'vars'],
  environmentFiles: ['envfile', 'envfiles'],
  portMappings: ['port', 'ports'],
  mountPoints: ['mount', 'mounts', 'volumemounts'],
  dependsOn: ['dependencies', 'deps'],
  logConfiguration: ['log', 'logdriver', 'loggingconfiguration', 'logging', 'logs'],
  dockerLabels: ['label', 'labels'],
  dockerSecurityOptions: ['securityopt', 'securityoptions', 'securityopts'],
  firelensConfiguration: ['firelens'],
  repositoryCredentials: ['repocredentials', 'repocreds'],
  resourceRequirements: ['gpu', 'gpus', 'resources'],
  linuxParameters: ['linux', 'linuxparams'],
  systemControls: ['sysctl', 'sysctls'],
  readonlyRootFilesystem: ['readonly', 'readonlyfs', 'readonlyrootfs'],
  pseudoTerminal: ['pseudotty', 'tty'],
  interactive: ['stdin', 'stdinopen'],
  sharedMemorySize: ['shmsize'],
  stopTimeout: ['stopgraceperiod'],
  dnsServers: ['dns'],
  // Of what stands in them.
  name: ['containername', 'key'],
  key: ['name'],
  value: ['val', 'valuefrom'],
  valueFrom: ['arn', 'from', 'secretarn'],
  containerPort: ['port'],
  containerName: ['name'],
  containerPath: ['mountpath', 'path', 'target'],
  sourceVolume: ['volume'],
  logDriver: ['driver', 'type'],
  options: ['logopts', 'logoptions', 'opts'],
  cpuArchitecture: ['arch', 'architecture'],
  operatingSystemFamily: ['os'],
  sizeInGiB: ['size'],
  softLimit: ['soft'],
  hardLimit: ['hard'],
  ipAddress: ['ip'],
};

const LONG = 6;

/**
 * {@link nearestName} for members, which short forms name too, also mistyped ones, and the singular or plural of their
 * names.
 */
export function nearestMember(name: string, members: readonly string[]): string | undefined {
  const short = plainName(name);
  return (
    nearestName(name, members) ??
    members.find((member) => SHORT_FORMS[member]?.includes(short)) ??
    members.find((member) => singular(plainName(member)) === singular(short)) ??
    members.find((member) => nearestName(short, longForms(member)) !== undefined)
  );
}

/** The short forms that are long enough to be recognised if they are mistyped. */
function longForms(member: string): readonly string[] {
  return (SHORT_FORMS[member] ?? []).filter((form) => form.length >= LONG);
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '');
}
