import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ECRClient } from '@aws-sdk/client-ecr';
import {
  connectAws,
  readContainerToolsFiles,
  setOutputs,
  temporaryFolder,
  writeSummary,
  type ActionContext,
} from '@ecs-actions/action-kit';
import {
  pinTarget,
  readPresentLogins,
  regionOfTargets,
  reportShippedImage,
  shipImage,
  targetReferences,
  type ShippedImage,
} from '@ecs-actions/core';
import type { OutputName } from './action.js';
import { buildPushInputs } from './inputs.js';

export async function main(context: ActionContext): Promise<void> {
  const { aws: awsInputs, targets, source, ...options } = buildPushInputs();
  const aws = await connectAws(
    { ...awsInputs, region: awsInputs.region ?? regionOfTargets(targets) },
    context,
  );
  // A role that refuses says so here, and not as a registry that wants a login.
  await aws.credentials?.();
  const dockerConfig = await readPresentLogins(readContainerToolsFiles());

  const folder = await mkdtemp(join(temporaryFolder(), 'build-push-'));
  try {
    const shipped = await shipImage(
      { targets, source },
      {
        ...context,
        ...options,
        region: aws.region,
        clientFor: (region) => aws.client(ECRClient, region),
        onSecret: context.mask,
        dockerConfig,
        folder,
      },
    );
    setOutputs<OutputName>(outputsOf(shipped));
    await writeSummary('build-push', reportShippedImage(shipped));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function outputsOf(shipped: ShippedImage): Partial<Record<OutputName, string>> {
  const { targets, digest, created, repositoriesCreated } = shipped;
  const [first] = targets;
  return {
    ...(first && { repository: `${first.registry}/${first.repository}` }),
    ...(first && digest && { image: pinTarget(first, digest), digest }),
    tags: targets.flatMap(targetReferences).join('\n'),
    created: String(created),
    'repository-created': String(repositoriesCreated.length > 0),
  };
}
