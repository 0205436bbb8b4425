import type { XmlObject, XmlValue } from '../protocol/query.js';
import { AwsError } from '../protocol/service.js';
import type { CallContext, JsonService, QueryService } from '../protocol/service.js';

const NUMBERS = new Set(['EvaluationPeriods', 'DatapointsToAlarm', 'Period', 'Threshold', 'MaxRecords']);

/**
 * Operations of the JSON protocol in the query protocol, which clients of before 2025 speak: numbers
 * come as text, times go out as text, and errors have other names.
 */
export function queryVariant(operations: JsonService['operations']): QueryService['operations'] {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      (input: Record<string, unknown>, context: CallContext) => {
        try {
          return encode(operation(decode(input), context) as Record<string, unknown>);
        } catch (error) {
          throw error instanceof AwsError ? renamed(error) : error;
        }
      },
    ]),
  );
}

/** An empty list comes as an empty text; so may anything that was not given. */
function decode(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, typed(name, value)]),
  );
}

function typed(name: string, value: unknown): unknown {
  if (NUMBERS.has(name)) return Number(value);
  return name === 'ActionsEnabled' ? value === 'true' : value;
}

function encode(output: Record<string, unknown>): XmlObject {
  return Object.fromEntries(Object.entries(output).map(([name, value]) => [name, shown(name, value)]));
}

function shown(name: string, value: unknown): XmlValue {
  if (Array.isArray(value)) return value.map((item) => shown(name, item));
  if (typeof value === 'object' && value !== null) return encode(value as Record<string, unknown>);
  if (name.endsWith('Timestamp')) return new Date(Number(value) * 1000).toISOString();
  return value as string | number | boolean;
}

function renamed({ code, message, status }: AwsError): AwsError {
  const name = code.replace('MissingRequired', 'Missing').replace(/Exception$/, '');
  return new AwsError(name, message, { status });
}
