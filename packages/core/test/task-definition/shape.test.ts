import { expect, test } from '@jest/globals';
import * as sdk from '@aws-sdk/client-ecs';
import { RESPONSE_ONLY_MEMBERS, taskDefinitionShape } from '../../src/task-definition/shape/members.js';
import type { Shape } from '../../src/task-definition/shape/shape.js';

/**
 * The SDK describes the API in lists: `[3, namespace, name, traits, members, shapes]` for an object,
 * `[4, …]` for a union, `[1, …, item]` for a list, numbers for simple shapes and lists or maps of them.
 */
type SdkSchema = number | readonly unknown[] | (() => SdkSchema);

/** A schema in the form of our own table, as far as the two overlap. */
function describeSdk(schema: SdkSchema): unknown {
  if (typeof schema === 'function') return describeSdk(schema());
  if (typeof schema === 'number') {
    const simple = ['string', 'integer', 'boolean'][schema & 0b11_1111];
    if ((schema & 0b100_0000) !== 0) return [simple];
    return (schema & 0b1000_0000) !== 0 ? 'map' : simple;
  }
  const [kind] = schema;
  // A shape with traits.
  if (typeof kind === 'function') return describeSdk(kind as () => SdkSchema);
  if (kind === 0 && schema.length === 2) return describeSdk(0);
  if (kind === 1) return [describeSdk(schema[4] as SdkSchema)];
  const names = schema[4] as readonly string[];
  const shapes = schema[5] as readonly (SdkSchema | null)[];
  return Object.fromEntries(
    names.map((name, index) => [name, shapes[index] === null ? {} : describeSdk(shapes[index] ?? 0)]),
  );
}

function describeOurs(shape: Shape): unknown {
  switch (shape.kind) {
    case 'struct':
      return Object.fromEntries(
        Object.entries(shape.members).map(([name, member]) => [name, describeOurs(member)]),
      );
    case 'list':
      return [describeOurs(shape.item)];
    default:
      return shape.kind;
  }
}

test('the table of members is the SDK’s, at every level', () => {
  expect(describeOurs(taskDefinitionShape)).toEqual(describeSdk(sdk.RegisterTaskDefinitionRequest$));
});

test('the response-only members are those that DescribeTaskDefinition adds', () => {
  const described = describeSdk(sdk.TaskDefinition$) as object;
  const added = Object.keys(described).filter((name) => !Object.hasOwn(taskDefinitionShape.members, name));
  expect([...RESPONSE_ONLY_MEMBERS].sort()).toEqual(added.sort());
});

test.each([
  ['networkMode', sdk.NetworkMode],
  ['requiresCompatibilities', sdk.Compatibility],
  ['pidMode', sdk.PidMode],
  ['ipcMode', sdk.IpcMode],
  ['cpuArchitecture', sdk.CPUArchitecture],
  ['operatingSystemFamily', sdk.OSFamily],
  ['protocol', sdk.TransportProtocol],
  ['appProtocol', sdk.ApplicationProtocol],
  ['logDriver', sdk.LogDriver],
  ['condition', sdk.ContainerCondition],
  ['transitEncryption', sdk.EFSTransitEncryption],
  ['scope', sdk.Scope],
  ['versionConsistency', sdk.VersionConsistency],
  ['permissions', sdk.DeviceCgroupPermission],
])('the values of %s are the SDK’s', (name, values) => {
  expect([...valuesOf(taskDefinitionShape, name)].sort()).toEqual(Object.values(values).sort());
});

/** The values of the first member of that name. */
function valuesOf(shape: Shape, wanted: string): readonly string[] {
  const found = search(shape);
  return found?.kind === 'string' ? (found.values ?? []) : [];

  function search(within: Shape): Shape | undefined {
    if (within.kind === 'list') return search(within.item);
    if (within.kind !== 'struct') return undefined;
    for (const [name, member] of Object.entries(within.members)) {
      const inner = name === wanted ? (member.kind === 'list' ? member.item : member) : search(member);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }
}
