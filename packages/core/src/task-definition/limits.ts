/** ECS's limit for the JSON of a task definition. Source: developer guide, "Amazon ECS service quotas". */
export const MAX_TASK_DEFINITION_BYTES = 65_536;

/** Source: API reference, RegisterTaskDefinition, `tags`. */
export const MAX_TAGS = 50;
