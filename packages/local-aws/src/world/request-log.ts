/** One request that this world was asked, refused ones included. */
export interface RequestRecord {
  /** `ecs`, `ecr`, `logs`, `codedeploy`, `elasticloadbalancing`, `monitoring`, `sts`, `oidc` or `registry`. */
  readonly service: string;
  /** An API operation; in the registry method and kind, e.g. `PUT manifests`. */
  readonly operation: string;
  /** Epoch milliseconds of the world's clock. */
  readonly at: number;
  /** What was asked, decoded. STS tokens are left out. */
  readonly input: unknown;
  /** The caller, once its signature holds. */
  principalArn?: string;
  /** Code of the error it was answered with. */
  error?: string;
}

/** An embedded AWS that is left running must not fill the memory. */
const mostRecords = 20_000;

/** What was asked, in order. Forgets the oldest beyond 20,000. */
export class RequestLog {
  readonly records: RequestRecord[] = [];

  add(record: RequestRecord): RequestRecord {
    if (this.records.length >= mostRecords) this.records.splice(0, mostRecords / 10);
    this.records.push(record);
    return record;
  }

  clear(): void {
    this.records.length = 0;
  }
}
