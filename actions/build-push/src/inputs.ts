import { readAwsInputs, readInputs, type InputReader } from '@ecs-actions/action-kit';
import { imageTargets, type ImageSource, type NewRepository } from '@ecs-actions/core';
import type { InputName } from './action.js';

type Input = InputReader<InputName>;

export function buildPushInputs() {
  return readInputs<InputName, ReturnType<typeof readAll>>(readAll);
}

function readAll(input: Input) {
  const push = input.boolean('push', true);
  const image = () => imageTargets({ image: input.optional('image'), tags: input.list('tags') });
  return {
    aws: readAwsInputs(input),
    targets: input.settled(image) ?? [],
    source: input.optional('oci-layout') === undefined ? readBuild(input) : readLayout(input, push),
    push,
    ifExists: input.choice('if-exists', ['skip', 'fail', 'rebuild'], 'rebuild'),
    newRepository: input.boolean('create-repository', false) ? readNewRepository(input) : undefined,
  };
}

function readLayout(input: Input, push: boolean): ImageSource {
  const forBuilds = [
    'file',
    'target',
    'build-args',
    'labels',
    'platforms',
    'secrets',
    'secret-files',
  ] as const;
  for (const name of [...forBuilds, 'cache-from', 'cache-to', 'provenance', 'sbom'] as const)
    if (input.optional(name) !== undefined)
      input.fault(name, 'does not go with oci-layout: that is built already.');
  if (!push) input.fault('push', 'is false, but pushing is all that oci-layout is for.');
  return { kind: 'layout', path: input.required('oci-layout') };
}

function readBuild(input: Input): ImageSource {
  const attestation = (name: 'provenance' | 'sbom') =>
    input.optional(name) === 'false' ? undefined : input.optional(name);
  return {
    kind: 'build',
    engine: input.choice('engine', ['auto', 'buildx', 'docker', 'buildah'], 'auto'),
    spec: {
      context: input.required('context'),
      file: input.optional('file'),
      target: input.optional('target'),
      buildArgs: input.lines('build-args'),
      labels: input.lines('labels'),
      platforms: input.list('platforms'),
      cacheFrom: input.lines('cache-from'),
      cacheTo: input.lines('cache-to'),
      secrets: [
        ...input.pairs('secrets').map(([id, value]) => ({ id, value })),
        ...input.pairs('secret-files').map(([id, path]) => ({ id, path })),
      ],
      provenance: attestation('provenance'),
      sbom: attestation('sbom'),
      pull: input.boolean('pull', false),
      noCache: input.boolean('no-cache', false),
    },
  };
}

function readNewRepository(input: Input): NewRepository {
  const policy = input.json('lifecycle-policy');
  return {
    imageTagMutability: input.choice<NonNullable<NewRepository['imageTagMutability']>>(
      'image-tag-mutability',
      ['MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION'],
      'MUTABLE',
    ),
    exclusionFilters: input.list('image-tag-mutability-exclusions'),
    scanOnPush: input.boolean('scan-on-push', false),
    lifecyclePolicy: policy === undefined ? undefined : JSON.stringify(policy),
    tags: input.pairs('repository-tags').map(([Key, Value]) => ({ Key, Value })),
  };
}
