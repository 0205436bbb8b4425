/**
 * How the parts of the embedded AWS see each other. ECS asks the registry whether an image is
 * there and writes log lines; it knows nothing else of either.
 */

/** What a registry knows of an image reference. */
export type ImageLookup =
  | {
      readonly kind: 'found';
      /** `sha256:…` of the manifest that the reference names (an index stays an index). */
      readonly digest: string;
      /** `config.Labels` of the (first) image. */
      readonly labels: Readonly<Record<string, string>>;
      /** `os/architecture` of every image behind the reference. */
      readonly platforms: readonly string[];
    }
  /** On the local registry, but absent. `message` is what a container runtime would print. */
  | { readonly kind: 'missing'; readonly message: string }
  /** On a host that this world does not serve. */
  | { readonly kind: 'external' };

export type FindImage = (
  imageReference: string,
  context: { accountId: string; region: string },
) => ImageLookup;

export interface LogLine {
  /** Epoch milliseconds of the world's clock. */
  readonly timestamp: number;
  readonly message: string;
}

export interface LogSink {
  /** True if the group exists. awslogs fails a task's start where it does not (unless `awslogs-create-group`). */
  hasGroup(group: string, context: { accountId: string; region: string }): boolean;
  createGroup(group: string, context: { accountId: string; region: string }): void;
  /** Appends to a stream, creating the stream (and nothing else) if it is not there. */
  write(
    group: string,
    stream: string,
    lines: readonly LogLine[],
    context: { accountId: string; region: string },
  ): void;
}
