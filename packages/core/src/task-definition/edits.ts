/**
 * What to change in a task definition. Edits are applied in this order: placeholders, images,
 * containers, task-level members, patch.
 */
export interface TaskDefinitionEdits {
  /**
   * Values of `${NAME}` placeholders in the document and the patch. Without it no placeholder is
   * looked for, since shells and log routers use the same syntax; with it an undefined one is an
   * error, and `$${NAME}` stands for a literal `${NAME}`.
   */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Image by container name. */
  readonly images?: Readonly<Record<string, string>> | undefined;
  readonly containers?: readonly ContainerEdits[] | undefined;
  readonly family?: string | undefined;
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  /** CPU units or vCPUs of the task, e.g. `1024` or `1 vCPU`. */
  readonly cpu?: string | undefined;
  /** MiB or GB of the task, e.g. `2048` or `2 GB`. */
  readonly memory?: string | undefined;
  /** Everything else, as plain data; see {@link patchTaskDefinition}. */
  readonly patch?: unknown;
}

/** The same changes for one or several containers. */
export interface ContainerEdits {
  /** Names of the containers; empty means the only container of the document. */
  readonly names: readonly string[];
  readonly image?: string | undefined;
  /** Added, or replaced by name. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** `valueFrom` by variable name: added, or replaced. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** ARNs of files in S3; they replace the present ones. */
  readonly environmentFiles?: readonly string[] | undefined;
  /** Added, or replaced by key. */
  readonly dockerLabels?: Readonly<Record<string, string>> | undefined;
  readonly logDriver?: string | undefined;
  /** Added, or replaced by key. */
  readonly logOptions?: Readonly<Record<string, string>> | undefined;
  readonly command?: readonly string[] | undefined;
}
