import type { TaskDefinitionDocument } from './document.js';
import { isEmpty, isRecord, setMember } from './plain-data.js';
import { conform, normaliseTaskDefinition } from './normalise.js';
import { isProvenanceTag } from './provenance.js';
import { cpuUnits, memoryMiB } from './quantities.js';
import { taskDefinitionShape } from './shape/members.js';
import type { ListShape, Shape } from './shape/shape.js';
import { memberShape, pairMember } from './shape/shape.js';
import { asText, writeJson } from '../write-json.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * A document as ECS understands it: defaults filled in, empty lists and objects left out, sizes in CPU
 * units and MiB, lists without a meaningful order sorted. Two documents are the same to ECS if and only
 * if their comparable forms are equal.
 */
export function comparableTaskDefinition(document: TaskDefinitionDocument): Members {
  const filled = taskDefinitionDefaults(normaliseTaskDefinition(document).document);
  return canonical(filled, taskDefinitionShape) as Members;
}

/** Source of the defaults: API reference, RegisterTaskDefinition, and the types it refers to. */
function taskDefinitionDefaults(document: Members): Members {
  const compatibilities = document.requiresCompatibilities;
  const onFargate = Array.isArray(compatibilities) && compatibilities.includes('FARGATE');
  const platform = isRecord(document.runtimePlatform) ? document.runtimePlatform : {};
  const { operatingSystemFamily } = platform;
  const isWindows = typeof operatingSystemFamily === 'string' && operatingSystemFamily.startsWith('WINDOWS');
  const networkMode = document.networkMode ?? (isWindows ? undefined : 'bridge');
  return {
    ...document,
    ...present('networkMode', networkMode),
    ...present('cpu', asQuantity(document.cpu, cpuUnits)),
    ...present('memory', asQuantity(document.memory, memoryMiB)),
    enableFaultInjection: document.enableFaultInjection ?? false,
    ...(onFargate && {
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64', ...platform },
    }),
    containerDefinitions: each(document.containerDefinitions, (container) =>
      containerDefaults(container, { networkMode, onFargate }),
    ),
    volumes: each(document.volumes, volumeDefaults),
    proxyConfiguration: within(document.proxyConfiguration, (proxy) => ({ type: 'APPMESH', ...proxy })),
    tags: each(withoutProvenance(document.tags), (tag) => ({ value: '', ...tag })),
  };
}

/** Where a revision comes from is no part of what it is. */
function withoutProvenance(tags: unknown): unknown {
  return Array.isArray(tags) ? tags.filter((tag) => !isProvenanceTag(tag)) : tags;
}

/** What ECS makes of an empty container, wherever it runs. */
export const CONTAINER_DEFAULTS: Members = {
  cpu: 0,
  essential: true,
  disableNetworking: false,
  privileged: false,
  readonlyRootFilesystem: false,
  interactive: false,
  pseudoTerminal: false,
  versionConsistency: 'enabled',
};

interface ContainerContext {
  readonly networkMode: unknown;
  readonly onFargate: boolean;
}

function containerDefaults(container: Members, { networkMode, onFargate }: ContainerContext): Members {
  return {
    ...CONTAINER_DEFAULTS,
    ...(onFargate && { stopTimeout: 30 }),
    ...without(without(container, 'memory', 0), 'memoryReservation', 0),
    portMappings: each(container.portMappings, (mapping) => portDefaults(mapping, networkMode)),
    mountPoints: each(container.mountPoints, (mount) => ({ readOnly: false, ...mount })),
    volumesFrom: each(container.volumesFrom, (from) => ({ readOnly: false, ...from })),
    healthCheck: within(container.healthCheck, (check) => ({
      interval: 30,
      timeout: 5,
      retries: 3,
      startPeriod: 0,
      ...check,
    })),
    restartPolicy: within(container.restartPolicy, (policy) => ({ restartAttemptPeriod: 300, ...policy })),
    linuxParameters: within(container.linuxParameters, (parameters) => ({
      ...without(parameters, 'initProcessEnabled', false),
      devices: each(parameters.devices, deviceDefaults),
    })),
  };
}

/** In awsvpc and host mode the host port is the container's; in bridge mode 0 means "any". */
function portDefaults(mapping: Members, networkMode: unknown): Members {
  const hostPort =
    networkMode === 'awsvpc' || networkMode === 'host'
      ? mapping.containerPort
      : mapping.containerPortRange === undefined
        ? 0
        : undefined;
  // 0 and "not given" are the same request in every mode.
  const given = mapping.hostPort === 0 ? undefined : mapping.hostPort;
  return { protocol: 'tcp', ...mapping, ...present('hostPort', given ?? hostPort) };
}

function deviceDefaults(device: Members): Members {
  return { ...present('containerPath', device.hostPath), permissions: ['read', 'write', 'mknod'], ...device };
}

function volumeDefaults(volume: Members): Members {
  return {
    configuredAtLaunch: false,
    ...volume,
    efsVolumeConfiguration: within(volume.efsVolumeConfiguration, (efs) => ({
      rootDirectory: '/',
      transitEncryption: 'DISABLED',
      ...efs,
      authorizationConfig: within(efs.authorizationConfig, (config) => without(config, 'iam', 'DISABLED')),
    })),
    s3filesVolumeConfiguration: within(volume.s3filesVolumeConfiguration, (files) => ({
      rootDirectory: '/',
      ...files,
    })),
  };
}

function each(list: unknown, fill: (item: Members) => Members): unknown {
  return Array.isArray(list) ? list.map((item) => (isRecord(item) ? fill(item) : item)) : list;
}

function within(value: unknown, fill: (members: Members) => Members): unknown {
  return isRecord(value) ? fill(value) : value;
}

/** Where an object that is empty otherwise means the same as none, a default is left out instead. */
function without(members: Members, name: string, byDefault: unknown): Members {
  return members[name] === byDefault ? { ...members, [name]: undefined } : members;
}

function present(name: string, value: unknown): Members {
  return value === undefined ? {} : { [name]: value };
}

function asQuantity(value: unknown, read: (text: string) => number | undefined): unknown {
  return typeof value === 'string' ? String(read(value) ?? value) : value;
}

/** Empty lists and objects out, unordered lists sorted. What the API does not know stays as it is. */
function canonical(value: unknown, shape: Shape | undefined): unknown {
  if (Array.isArray(value) && shape?.kind === 'list') {
    const items = value.map((item) => canonical(item, shape.item));
    return shape.unordered ? sorted(items, shape) : items;
  }
  if (!isRecord(value) || shape === undefined) return value;
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const known = memberShape(shape, name);
    const member = canonical(value[name], known);
    const isAbsent = member === undefined || (isEmpty(member) && emptyMeansAbsent(known));
    if (!isAbsent) setMember(members, name, member);
  }
  return members;
}

/** What the API does not know may mean something by being there, and so does a choice. */
function emptyMeansAbsent(shape: Shape | undefined): boolean {
  return shape !== undefined && !(shape.kind === 'struct' && shape.choice === true);
}

/**
 * By key, and items of the same key by all that they are. But of several values of one name the last one counts, so
 * that these stay in their order.
 */
function sorted(items: readonly unknown[], shape: ListShape): unknown[] {
  const keyed = items.map((item) => ({ item, key: itemKey(item, shape) ?? '' }));
  const text = (item: unknown) => writeJson(conform(item, undefined));
  const isPair = pairMember(shape) !== undefined;
  keyed.sort((a, b) => compareText(a.key, b.key) || (isPair ? 0 : compareText(text(a.item), text(b.item))));
  return keyed.map(({ item }) => item);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** What tells an item of a keyed list apart, as text, or `undefined` if it lacks every key member. */
export function itemKey(item: unknown, shape: ListShape): string | undefined {
  if (shape.key === undefined || !isRecord(item)) return undefined;
  const parts = shape.key.map((name) => item[name]).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.map(asText).join('/');
}
