import type { TaskDefinition } from './state.js';

interface RuntimePlatform {
  readonly cpuArchitecture?: string;
  readonly operatingSystemFamily?: string;
}

function runtimePlatform({ members }: TaskDefinition): RuntimePlatform {
  return (members['runtimePlatform'] as RuntimePlatform | undefined) ?? {};
}

/** As the attribute `ecs.cpu-architecture` spells it. */
export function cpuArchitecture(taskDefinition: TaskDefinition): 'arm64' | 'x86_64' {
  return runtimePlatform(taskDefinition).cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64';
}

/** `Linux`, or the Windows family as it was registered. */
export function platformFamily(taskDefinition: TaskDefinition): string {
  const { operatingSystemFamily: family = 'LINUX' } = runtimePlatform(taskDefinition);
  return family === 'LINUX' ? 'Linux' : family;
}

/** What `LATEST` stands for; `undefined` outside Fargate. */
export function resolvePlatformVersion(asked: string | undefined): string | undefined {
  return asked === 'LATEST' ? '1.4.0' : asked;
}
