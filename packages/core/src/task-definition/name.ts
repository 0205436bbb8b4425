/**
 * Whether a text names a task definition in ECS: an ARN, or `family` or `family:revision` (letters, digits, `_` and `-`).
 * Anything else, such as `.aws/task-definition.json` or `./taskdef`, is the path of a file.
 */
export function isTaskDefinitionName(text: string): boolean {
  return text.startsWith('arn:') || /^[\w-]{1,255}(:\d+)?$/.test(text);
}
