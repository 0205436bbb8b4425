import type { Task } from './state.js';
import { addTags, tagsOf } from './tags.js';
import type { Tag } from './wire.js';

/** Gives a new task the tags its service or request says it should have. */
export function propagateTags(
  task: Task,
  { from = task.service?.propagateTags, own = [] }: { from?: string | undefined; own?: readonly Tag[] } = {},
): void {
  const { account } = task.cluster;
  const inherited =
    from === 'TASK_DEFINITION'
      ? tagsOf(account, task.taskDefinition.arn)
      : from === 'SERVICE' && task.service !== undefined
        ? tagsOf(account, task.service.arn)
        : [];
  const kept = inherited.filter((tag) => own.every(({ key }) => key !== tag.key));
  if (kept.length + own.length > 0) addTags(account, task.arn, [...kept, ...own]);
}
