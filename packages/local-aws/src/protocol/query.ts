import type { ServerResponse } from 'node:http';
import { respond } from './http.js';
import type { AwsError } from './service.js';

/** What a result of the query protocol consists of; `undefined` members are left out. */
export type XmlValue = string | number | boolean | undefined | XmlObject | readonly XmlValue[];
export interface XmlObject {
  readonly [member: string]: XmlValue;
}

export interface QueryOutput {
  readonly operation: string;
  readonly namespace: string;
  readonly result: XmlObject;
}

export function respondQueryOutput(response: ServerResponse, requestId: string, output: QueryOutput): void {
  const { operation, namespace, result } = output;
  const members = { [`${operation}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  const body = `<${operation}Response xmlns="${namespace}">${encodeXml(members)}</${operation}Response>`;
  respondXml(response, 200, requestId, body);
}

export function respondQueryError(
  response: ServerResponse,
  requestId: string,
  namespace: string,
  error: AwsError,
): void {
  const members = {
    Error: {
      Type: error.status < 500 ? 'Sender' : 'Receiver',
      Code: error.code,
      Message: error.message,
    },
    RequestId: requestId,
  };
  const body = `<ErrorResponse xmlns="${namespace}">${encodeXml(members)}</ErrorResponse>`;
  respondXml(response, error.status, requestId, body);
}

function respondXml(response: ServerResponse, status: number, requestId: string, body: string): void {
  respond(response, status, body, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId });
}

function encodeXml(members: XmlObject): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${encodeValue(value)}</${name}>`)
    .join('');
}

function encodeValue(value: XmlValue): string {
  if (Array.isArray(value))
    return value.map((item) => `<member>${encodeValue(item as XmlValue)}</member>`).join('');
  return typeof value === 'object' ? encodeXml(value as XmlObject) : escapeText(String(value));
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * The values of a list of the query protocol: `Name.member.1`, `Name.member.2`, … or, of a list of
 * structures, one `member` of each: `Name.member.1.arn`, …
 */
export function listMembers(parameters: URLSearchParams, name: string, member?: string): string[] {
  const values: string[] = [];
  for (let index = 1; ; index += 1) {
    const value = parameters.get(`${name}.member.${index}${member === undefined ? '' : `.${member}`}`);
    if (value === null) return values;
    values.push(value);
  }
}

/** What a form decodes to: every scalar is text. */
export type FormValue = string | FormValue[] | { [member: string]: FormValue };

/** Decodes the flattened parameters of a request: `Targets.member.1.Id` is the `Id` of the first of `Targets`. */
export function decodeForm(parameters: URLSearchParams): Record<string, FormValue> {
  const root: Branch = new Map();
  for (const [name, value] of parameters) {
    if (name !== 'Action' && name !== 'Version') grow(root, name.split('.'), value);
  }
  return Object.fromEntries([...root].map(([name, node]) => [name, harvest(node)]));
}

type Branch = Map<string, Branch | string>;

function grow(branch: Branch, [first = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    branch.set(first, value);
    return;
  }
  const known = branch.get(first);
  const next: Branch = known instanceof Map ? known : new Map();
  branch.set(first, next);
  grow(next, rest, value);
}

function harvest(node: Branch | string): FormValue {
  if (typeof node === 'string') return node;
  const list = node.get('member');
  if (list instanceof Map) {
    return [...list].sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => harvest(item));
  }
  return Object.fromEntries([...node].map(([name, child]) => [name, harvest(child)]));
}
