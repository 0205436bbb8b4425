// Judges recorded calls by the models of their APIs.
import { Ajv } from 'ajv';
import { toJsonSchema } from './api-model.mjs';
import { readForm, readXml } from './query-protocol.mjs';

/** Errors that any service may answer, whatever its model lists. */
const COMMON_ERRORS = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InternalFailure',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SerializationException',
  'ThrottlingException',
  'UnknownOperationException',
  'UnrecognizedClientException',
  'ValidationException',
  // CloudWatch's for faulty input, which its model lists with some operations only.
  'InvalidParameterValueException',
  'MissingRequiredParameterException',
  // The query protocol's names.
  'AccessDenied',
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'MissingParameter',
  'SignatureDoesNotMatch',
  'Throttling',
  'ValidationError',
]);

const BAD_GATEWAY = 502;

/**
 * How tests call a member that is newer than every model, and those that they misspell where nobody validates: all
 * have to pass through unharmed.
 */
const UNKNOWN_ON_PURPOSE = new Set(['futureMember', 'ephemeralStorag', 'strtegy', 'comand']);

/**
 * A judge that knows these models, by signing name.
 *
 * A call is `{ target, request, status, headers, response }` with the bodies as text; `target` is the header
 * `X-Amz-Target`, absent for the query protocol. The judge returns `{ operation, problems }`, or `undefined` for what
 * is no call of an API (the registry, the OIDC issuer, the control address).
 */
export function createJudge(models) {
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: true });
  const compiled = new Map();
  const check = (model, shapeName, value, side) => {
    const answer = side !== 'request';
    const key = `${model.metadata.serviceId} ${shapeName} ${answer}`;
    const validate = compiled.get(key) ?? ajv.compile(toJsonSchema(model, shapeName, { answer }));
    compiled.set(key, validate);
    if (validate(value)) return [];
    const found = validate.errors.filter(({ params }) => !UNKNOWN_ON_PURPOSE.has(params.additionalProperty));
    return found.map(
      ({ instancePath, message, params }) =>
        `${side}${instancePath || '/'} ${message}${params.additionalProperty === undefined ? '' : `: ${params.additionalProperty}`}${params.allowedValues === undefined ? '' : `: ${params.allowedValues.join(', ')}`}`,
    );
  };

  return (call) => {
    // Of a gateway that a test has put in between, which loses answers: AWS has not said it.
    if (call.status === BAD_GATEWAY) return undefined;
    const model = Object.values(models).find((candidate) => speaks(candidate, call));
    if (model === undefined) return undefined;
    const isQuery = call.target === undefined;
    const name = isQuery ? new URLSearchParams(call.request).get('Action') : call.target.split('.').at(-1);
    const label = `${model.metadata.endpointPrefix} ${name}`;
    const failed = call.status >= 400;
    if (!Object.hasOwn(model.operations, name))
      return { operation: label, failed, problems: failed ? [] : ['the model has no such operation'] };
    const operation = model.operations[name];
    const problems = [];
    const input = operation.input?.shape;
    const output = operation.output?.shape;
    // A request that was refused may well be malformed: that is what it was refused for.
    if (!failed && input !== undefined)
      problems.push(
        ...check(
          model,
          input,
          isQuery ? readForm(model, input, call.request) : parse(call.request),
          'request',
        ),
      );
    if (call.headers['x-amzn-requestid'] === undefined) problems.push('response has no x-amzn-requestid');
    if (failed) {
      problems.push(...judgeError(model, operation, call, isQuery, check));
    } else if (output !== undefined) {
      const value = isQuery ? readXml(model, output, call.response).value : parse(call.response);
      problems.push(...check(model, output, value, 'response'));
    }
    return { operation: label, failed, problems };
  };
}

function speaks({ metadata }, { target, request }) {
  if (target !== undefined) return target.startsWith(`${metadata.targetPrefix}.`);
  return metadata.protocol === 'query' && new URLSearchParams(request).get('Version') === metadata.apiVersion;
}

function parse(text) {
  return text === '' ? {} : JSON.parse(text);
}

function judgeError(model, operation, call, isQuery, check) {
  const { error, body } = isQuery ? readXml(model, '', call.response) : readJsonError(call);
  if (error === undefined) return [`the error of status ${call.status} has no code: ${call.response}`];
  const shapeName = (operation.errors ?? [])
    .map(({ shape }) => shape)
    .find((name) => (model.shapes[name]?.error?.code ?? name) === error);
  if (shapeName === undefined)
    return COMMON_ERRORS.has(error) ? [] : [`the model lists no error ${error} here`];
  const wanted = model.shapes[shapeName].error?.httpStatusCode;
  const problems = [];
  if (wanted !== undefined && wanted !== call.status)
    problems.push(`error ${error} has status ${call.status}, not ${wanted}`);
  if (body !== undefined) {
    // Models of some services leave the message out; every error has one.
    const { message: _message, ...rest } = body;
    const members = 'message' in (model.shapes[shapeName].members ?? {}) ? body : rest;
    problems.push(...check(model, shapeName, members, `error ${error}`));
  }
  return problems;
}

function readJsonError({ response, headers }) {
  const { __type: type, ...body } = parse(response);
  const error = type?.split('#').at(-1);
  const header = headers['x-amzn-errortype']?.split(':')[0].split('#').at(-1);
  if (header !== undefined && header !== error) return { error: undefined };
  return { error, body };
}
