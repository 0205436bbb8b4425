import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import type { Fault, Rule, Subject } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

/** SSH, Docker, and the agent of a container instance. Source: API reference, PortMapping, `hostPort`. */
const RESERVED_HOST_PORTS: readonly number[] = [22, 2375, 2376, 51_678, 51_679, 51_680];
const MAX_RANGES = 100;

interface PlacedMapping {
  readonly mapping: PortMapping;
  readonly container: ContainerDefinition;
  readonly index: number;
  readonly path: (member?: string) => Fault['path'];
  readonly of: string;
}

function* eachMapping(subject: Subject): Iterable<PlacedMapping> {
  for (const [container, index] of eachContainer(subject)) {
    for (const [at, mapping] of (container.portMappings ?? []).entries()) {
      const path = (member?: string) =>
        inContainer(index, 'portMappings', at, ...(member === undefined ? [] : [member]));
      yield { mapping, container, index, path, of: `of ${called(container, index)}` };
    }
  }
}

/** First and last port of a mapping; `undefined` where it has none that can be read. */
function portsOf({ containerPort, containerPortRange }: PortMapping): readonly [number, number] | undefined {
  if (containerPort !== undefined) return [containerPort, containerPort];
  const match = /^(\d+)-(\d+)$/.exec(containerPortRange ?? '');
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** Source: API reference, PortMapping, ContainerDefinition (`links`, `hostname`, `extraHosts`). */
export const networkRules: readonly Rule[] = [
  {
    id: 'port-number',
    severity: 'error',
    summary: 'A port mapping names one container port from 1 to 65535, or one range of them.',
    *check(subject): Iterable<Fault> {
      for (const { mapping, path, of } of eachMapping(subject)) {
        const { containerPort, containerPortRange } = mapping;
        if ((containerPort === undefined) === (containerPortRange === undefined)) {
          yield {
            path: path(containerPort === undefined ? 'containerPort' : undefined),
            reason: `A port mapping ${of} has ${containerPort === undefined ? 'neither containerPort nor' : 'both containerPort and'} containerPortRange.`,
            fix: 'Write one of the two.',
          };
          continue;
        }
        const [first, last] = portsOf(mapping) ?? [0, 0];
        const isRange = containerPortRange !== undefined;
        if (first >= 1 && last <= 65_535 && (isRange ? first < last : true)) continue;
        yield {
          path: path(isRange ? 'containerPortRange' : 'containerPort'),
          reason: `${isRange ? `The port range ${containerPortRange}` : `The port ${containerPort}`} ${of} is not one that exists.`,
          fix: isRange
            ? 'Write first-last, the first below the last, both from 1 to 65535.'
            : 'Write 1 to 65535.',
        };
      }
    },
  },
  {
    id: 'port-network-none',
    severity: 'error',
    summary: 'With the network mode none, there are no port mappings.',
    *check(subject): Iterable<Fault> {
      if (subject.networkMode !== 'none') return;
      for (const { path, of } of eachMapping(subject)) {
        yield {
          path: path(),
          reason: `The network mode none has no ports, but there is a port mapping ${of}.`,
          fix: 'Remove the mapping, or choose another network mode.',
        };
      }
    },
  },
  {
    id: 'port-host-equal',
    severity: 'error',
    summary: 'With the network modes awsvpc and host, hostPort is absent or equal to containerPort.',
    *check(subject): Iterable<Fault> {
      const { networkMode } = subject;
      if (networkMode !== 'awsvpc' && networkMode !== 'host') return;
      for (const { mapping, path, of } of eachMapping(subject)) {
        const { hostPort = 0, containerPort } = mapping;
        // With a range, any host port is one too many: another rule says so.
        if (hostPort === 0 || containerPort === undefined || hostPort === containerPort) continue;
        yield {
          path: path('hostPort'),
          reason: `hostPort ${hostPort} ${of} differs from containerPort ${containerPort}, which the network mode ${networkMode} does not allow.`,
          fix: `Remove hostPort, or write ${containerPort}.`,
        };
      }
    },
  },
  {
    id: 'port-host-reserved',
    severity: 'error',
    summary: 'A host port is not one that the container instance needs itself.',
    *check(subject): Iterable<Fault> {
      // In awsvpc mode the port is the task's own.
      if (subject.networkMode === 'awsvpc') return;
      for (const { mapping, path, of } of eachMapping(subject)) {
        const { hostPort = 0, containerPort = 0 } = mapping;
        if (hostPort < 0 || hostPort > 65_535) {
          const reason = `hostPort ${hostPort} ${of} is not a port.`;
          yield {
            path: path('hostPort'),
            reason,
            fix: 'Choose another port, or remove hostPort for any free one.',
          };
        }
        // In host mode a port of the container is one of the instance.
        const isOfContainer = hostPort === 0 && subject.networkMode === 'host';
        const port = isOfContainer ? containerPort : hostPort;
        if (!RESERVED_HOST_PORTS.includes(port)) continue;
        yield isOfContainer
          ? {
              path: path('containerPort'),
              reason: `In the network mode host, port ${port} ${of} is reserved on container instances.`,
              fix: 'Choose another port.',
            }
          : {
              path: path('hostPort'),
              reason: `hostPort ${port} ${of} is reserved on container instances.`,
              fix: 'Choose another port, or remove hostPort for any free one.',
            };
      }
    },
  },
  {
    id: 'port-mapped-once',
    severity: 'error',
    summary: 'A container port is mapped once for a protocol.',
    *check(subject): Iterable<Fault> {
      for (const { ports, protocols, place, of } of mappedTwice(subject)) {
        if (protocols.length > 1) continue;
        yield {
          path: place,
          reason: `Port ${ports} ${of} is mapped twice.`,
          fix: 'Keep one mapping.',
        };
      }
    },
  },
  {
    // A warning: the API reference says that ECS refuses it, but its users register it. What may be refused is a
    // service: "Container port 53 is used in more than one port mapping for container".
    id: 'port-protocols',
    severity: 'warning',
    summary: 'A container port is mapped for one protocol.',
    *check(subject): Iterable<Fault> {
      for (const { ports, protocols, place, of } of mappedTwice(subject)) {
        if (protocols.length === 1) continue;
        yield {
          path: place,
          reason: `Port ${ports} ${of} is mapped for ${protocols.join(' and ')}; ECS registers that, but may refuse a service with it.`,
          fix: 'Use another port for one of them if it does.',
        };
      }
    },
  },
  {
    id: 'port-range',
    severity: 'error',
    summary:
      'A port range needs the network mode bridge or awsvpc and no hostPort; a container has up to 100.',
    *check(subject): Iterable<Fault> {
      const { networkMode = '' } = subject;
      for (const { mapping, path, of } of eachMapping(subject)) {
        if (mapping.containerPortRange === undefined) continue;
        if (mapping.hostPort !== undefined) {
          yield {
            path: path('hostPort'),
            reason: `The port range ${mapping.containerPortRange} ${of} has a hostPort.`,
            fix: 'Remove hostPort: ECS chooses the host ports of a range.',
          };
        }
        if (networkMode === 'host') {
          yield {
            path: path('containerPortRange'),
            reason: `The port range ${mapping.containerPortRange} ${of} does not go with the network mode host.`,
            fix: 'Use awsvpc or bridge, or single ports.',
          };
        }
      }
      for (const [container, index] of eachContainer(subject)) {
        const ranges = container.portMappings?.filter((mapping) => mapping.containerPortRange !== undefined);
        if (ranges === undefined || ranges.length <= MAX_RANGES) continue;
        yield {
          path: inContainer(index, 'portMappings'),
          reason: `There are ${ranges.length} port ranges in ${called(container, index)}; ECS takes ${MAX_RANGES}.`,
          fix: 'Join neighbouring ranges.',
        };
      }
    },
  },
  {
    id: 'links-bridge',
    severity: 'error',
    summary: 'Links need the network mode bridge.',
    *check(subject): Iterable<Fault> {
      // Fargate refuses links whatever the mode.
      if (subject.networkMode === 'bridge' || subject.launchTypes.has('FARGATE')) return;
      yield* setInContainers(subject, 'links', 'Containers of one task reach each other over localhost.');
    },
  },
  {
    id: 'links-container',
    severity: 'error',
    summary: 'A link names another container of the task definition.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, link] of (container.links ?? []).entries()) {
          const [name = ''] = link.split(':');
          if (name !== container.name && subject.containers.some((other) => other.name === name)) continue;
          yield {
            path: inContainer(index, 'links', at),
            reason: `The link "${link}" of ${called(container, index)} leads to no other container.`,
            fix: 'Write the name of a container, or name:alias.',
          };
        }
      }
    },
  },
  {
    id: 'hostname-awsvpc',
    severity: 'error',
    summary: 'With the network mode awsvpc, containers have no hostname.',
    *check(subject): Iterable<Fault> {
      if (subject.networkMode !== 'awsvpc' || subject.launchTypes.has('FARGATE')) return;
      yield* setInContainers(
        subject,
        'hostname',
        'The task has one host name, given by its network interface.',
      );
    },
  },
  {
    id: 'extra-hosts-awsvpc',
    severity: 'error',
    summary: 'With the network mode awsvpc, containers have no extraHosts.',
    *check(subject): Iterable<Fault> {
      if (subject.networkMode !== 'awsvpc' || subject.launchTypes.has('FARGATE')) return;
      yield* setInContainers(subject, 'extraHosts', 'Use a private DNS zone.');
    },
  },
];

function* setInContainers(
  subject: Subject,
  member: 'links' | 'hostname' | 'extraHosts',
  instead: string,
): Iterable<Fault> {
  for (const [container, index] of eachContainer(subject)) {
    if ((container[member]?.length ?? 0) === 0) continue;
    yield {
      path: inContainer(index, member),
      reason: `The network mode ${subject.networkMode ?? 'of Windows'} does not support "${member}", which ${called(container, index)} has.`,
      fix: `Remove "${member}". ${instead}`,
    };
  }
}

function overlap(
  a: readonly [number, number] | undefined,
  b: readonly [number, number] | undefined,
): boolean {
  return a !== undefined && b !== undefined && a[0] <= b[1] && b[0] <= a[1];
}

/** Every mapping of ports that an earlier one of the container maps as well. */
function* mappedTwice(subject: Subject) {
  const mappings = [...eachMapping(subject)];
  for (const [at, { mapping, container, path, of }] of mappings.entries()) {
    const ports = portsOf(mapping);
    if (ports === undefined) continue;
    const protocol = mapping.protocol ?? 'tcp';
    const earlier = mappings
      .slice(0, at)
      .filter((candidate) => candidate.container === container && overlap(portsOf(candidate.mapping), ports))
      .map((candidate) => candidate.mapping.protocol ?? 'tcp');
    if (earlier.length === 0) continue;
    yield {
      ports: [...new Set(ports)].join('-'),
      // One that is mapped for the same protocol already counts as that.
      protocols: earlier.includes(protocol) ? [protocol] : [...new Set([...earlier, protocol])],
      place: path(mapping.containerPort === undefined ? 'containerPortRange' : 'containerPort'),
      of,
    };
  }
}
