import type { Fault, Rule } from './rule.js';

/** Source: developer guide, "Amazon ECS clusters for external instances", considerations. */
export const externalRules: readonly Rule[] = [
  {
    id: 'external-network-mode',
    severity: 'error',
    summary: 'On external instances, the network mode is not awsvpc.',
    *check({ document: { networkMode }, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('EXTERNAL') || networkMode !== 'awsvpc') return;
      yield {
        path: ['networkMode'],
        reason: 'External instances do not support the network mode awsvpc.',
        fix: 'Write "bridge", "host" or "none".',
      };
    },
  },
  {
    id: 'external-volume',
    severity: 'error',
    summary: 'On external instances, there are no EFS, S3 Files, FSx or EBS volumes.',
    *check({ volumes, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('EXTERNAL')) return;
      const kinds = [
        'efsVolumeConfiguration',
        's3filesVolumeConfiguration',
        'fsxWindowsFileServerVolumeConfiguration',
        'configuredAtLaunch',
      ] as const;
      for (const [index, volume] of volumes.entries()) {
        for (const kind of kinds) {
          if (volume[kind] === undefined || volume[kind] === false) continue;
          yield {
            path: ['volumes', index, kind],
            reason: `External instances cannot mount volume "${volume.name}": it lives in AWS.`,
            fix: 'Use a host path or a Docker volume.',
          };
        }
      }
    },
  },
];
