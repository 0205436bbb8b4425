import type { ServerResponse } from 'node:http';
import { respond } from './http.js';
import type { AwsError } from './service.js';

/** What a result of the query protocol consists of; `undefined` members are left out. */
type XmlValue = string | number | boolean | undefined | XmlObject;
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
  return typeof value === 'object' ? encodeXml(value) : escapeText(String(value));
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
