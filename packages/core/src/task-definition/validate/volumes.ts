import type { Volume } from '@aws-sdk/client-ecs';
import { didYouMean } from '../suggest.js';
import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

/** A volume with none of them is an empty folder of the task. */
const KINDS = [
  'host',
  'dockerVolumeConfiguration',
  'efsVolumeConfiguration',
  's3filesVolumeConfiguration',
  'fsxWindowsFileServerVolumeConfiguration',
] as const satisfies readonly (keyof Volume)[];

function kindsOf(volume: Volume): readonly string[] {
  const kinds: string[] = KINDS.filter((kind) => volume[kind] !== undefined);
  return volume.configuredAtLaunch === true ? [...kinds, 'configuredAtLaunch'] : kinds;
}

/** Source: API reference, Volume, EFSVolumeConfiguration, S3FilesVolumeConfiguration, MountPoint, VolumeFrom. */
export const volumeRules: readonly Rule[] = [
  {
    id: 'volume-kind',
    severity: 'error',
    summary: 'A volume is of one kind.',
    *check({ volumes }): Iterable<Fault> {
      for (const [index, volume] of volumes.entries()) {
        const kinds = kindsOf(volume);
        if (kinds.length <= 1) continue;
        yield {
          path: ['volumes', index],
          reason: `Volume "${volume.name}" is of ${kinds.length} kinds: ${kinds.join(', ')}.`,
          fix: 'Keep one of them.',
        };
      }
    },
  },
  {
    id: 'volume-at-launch',
    severity: 'error',
    summary: 'At most one volume is configured at launch.',
    *check({ volumes }): Iterable<Fault> {
      const atLaunch = volumes.flatMap((volume, index) =>
        volume.configuredAtLaunch === true ? [index] : [],
      );
      for (const index of atLaunch.slice(1)) {
        yield {
          path: ['volumes', index, 'configuredAtLaunch'],
          reason: 'More than one volume is configured at launch.',
          fix: 'Keep one: ECS attaches one such volume to a task.',
        };
      }
    },
  },
  {
    id: 'volume-efs',
    severity: 'error',
    summary:
      'An EFS access point needs transit encryption and the root directory /; so does IAM need transit encryption.',
    *check({ volumes }): Iterable<Fault> {
      for (const [index, { name, efsVolumeConfiguration: efs }] of volumes.entries()) {
        const { accessPointId, iam } = efs?.authorizationConfig ?? {};
        const path = ['volumes', index, 'efsVolumeConfiguration'];
        const secured =
          accessPointId !== undefined ? 'an access point' : iam === 'ENABLED' ? 'IAM' : undefined;
        if (secured !== undefined && efs?.transitEncryption !== 'ENABLED') {
          yield {
            path: [...path, 'transitEncryption'],
            reason: `The EFS volume "${name}" uses ${secured} without transit encryption.`,
            fix: 'Write "transitEncryption": "ENABLED".',
          };
        }
        if (accessPointId !== undefined && (efs?.rootDirectory ?? '/') !== '/') {
          yield rootDirectoryFault([...path, 'rootDirectory'], `The EFS volume "${name}"`);
        }
      }
    },
  },
  {
    id: 'volume-s3-files',
    severity: 'error',
    summary: 'An S3 Files access point needs the root directory /.',
    *check({ volumes }): Iterable<Fault> {
      for (const [index, { name, s3filesVolumeConfiguration: files }] of volumes.entries()) {
        if (files?.accessPointArn === undefined || (files.rootDirectory ?? '/') === '/') continue;
        const path = ['volumes', index, 's3filesVolumeConfiguration', 'rootDirectory'];
        yield rootDirectoryFault(path, `The S3 Files volume "${name}"`);
      }
    },
  },
  {
    id: 'mount-point-volume',
    severity: 'error',
    summary: 'A mount point names a volume of the task definition.',
    *check(subject): Iterable<Fault> {
      const names = subject.volumes.flatMap(({ name }) => name ?? []);
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { sourceVolume }] of (container.mountPoints ?? []).entries()) {
          if (sourceVolume !== undefined && names.includes(sourceVolume)) continue;
          yield {
            path: inContainer(index, 'mountPoints', at, 'sourceVolume'),
            reason:
              sourceVolume === undefined
                ? `A mount point of ${called(container, index)} names no volume.`
                : `A mount point of ${called(container, index)} names the volume "${sourceVolume}", which there is not.`,
            fix: `Add it to "volumes", or name one that is there.${didYouMean(sourceVolume ?? '', names)}`,
          };
        }
      }
    },
  },
  {
    id: 'volumes-from-container',
    severity: 'error',
    summary: 'volumesFrom names another container of the task definition.',
    *check(subject): Iterable<Fault> {
      const names = subject.containers.flatMap(({ name }) => name ?? []);
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { sourceContainer = '' }] of (container.volumesFrom ?? []).entries()) {
          if (sourceContainer !== container.name && names.includes(sourceContainer)) continue;
          yield {
            path: inContainer(index, 'volumesFrom', at, 'sourceContainer'),
            reason: `${called(container, index)} takes volumes from "${sourceContainer}", which is no other container.`,
            fix: `Write the name of a container.${didYouMean(sourceContainer, names)}`,
          };
        }
      }
    },
  },
];

function rootDirectoryFault(path: Fault['path'], volume: string): Fault {
  return {
    path,
    reason: `${volume} has both an access point and a root directory.`,
    fix: 'Remove rootDirectory: the access point has its own.',
  };
}
