import { rm } from 'node:fs/promises';
import type { ActionContext } from '@ecs-actions/action-kit';

/** The state by which the post step knows what to remove. */
export const FOLDER_STATE = 'docker-config';

export async function post(context: ActionContext): Promise<void> {
  const folder = context.getState(FOLDER_STATE);
  if (folder === '') return;
  await rm(folder, { recursive: true, force: true });
  context.logger.info(`Logged out: removed ${folder}`);
}
