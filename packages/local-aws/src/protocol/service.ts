/**
 * What every part of the embedded AWS plugs into: the server authenticates and decodes a request,
 * calls one operation, and encodes what comes back.
 */

/** Who is calling, and where: read off the verified signature. */
export interface CallContext {
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  /** ARN of the caller (`arn:aws:sts::…:assumed-role/…` or `arn:aws:iam::…:user/…`). */
  readonly principalArn: string;
  /** Goes out as `x-amzn-requestid`. */
  readonly requestId: string;
}

/** One API operation. Throws {@link AwsError}; returns the response body as plain data (dates as epoch seconds). */
export type Operation = (input: any, context: CallContext) => unknown;

/** A service of the AWS JSON 1.1 protocol. */
export interface JsonService {
  /** What stands before the dot in `X-Amz-Target`, e.g. `AmazonEC2ContainerServiceV20141113`. */
  readonly targetPrefix: string;
  /** The service name in a SigV4 credential scope, e.g. `ecs`. */
  readonly signingName: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** ARNs that permissions for a request must cover, where the request does not name them. */
  readonly resourcesOf?: (
    input: Readonly<Record<string, unknown>>,
    context: CallContext,
  ) => readonly string[];
}

/** A service of the AWS query protocol: a form comes in, XML goes out. */
export interface QueryService {
  /** The service name in a SigV4 credential scope, e.g. `elasticloadbalancing`. */
  readonly signingName: string;
  /** Of the XML. */
  readonly namespace: string;
  /** Their inputs are decoded by shape alone: every scalar is a string, an empty list an empty string. */
  readonly operations: Readonly<Record<string, Operation>>;
}

/** An error as AWS answers it. `code` is the bare exception name, e.g. `ClusterNotFoundException`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error's shape. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { status?: number; fields?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.fields = options.fields ?? {};
  }
}
