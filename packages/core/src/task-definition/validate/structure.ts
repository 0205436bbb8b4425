import { coverNothing } from '../cover.js';
import type { DocumentPath } from '../path.js';
import { formatPath } from '../path.js';
import { redactText } from '../secrets.js';
import type { Shape } from '../shape/shape.js';
import type { Severity } from './rule.js';
import type { Finding } from './finding.js';
import { explainedPaths, typeRules, wellTyped, type TypeRuleId } from './well-typed.js';

/** A structure of the API, held to the API's model. */
export interface ValidatedStructure<T> {
  /** What of it has the type that the API takes. Members that are not known are not in it. */
  readonly wellTyped: T;
  readonly findings: readonly Finding[];
  /** Whether another finding is an echo of these: it stands where a value could not be understood. */
  readonly isExplained: (finding: Finding) => boolean;
}

/**
 * Holds what a request is made of to its shape: mistyped members and wrong types are errors, members that this release
 * does not know are warnings. None of the findings shows a value.
 */
export function validateStructure<T extends object>(structure: T, shape: Shape): ValidatedStructure<T> {
  const { value, faults } = wellTyped(structure, coverNothing, shape);
  const explained = faults.flatMap(explainedPaths).map(formatPath);
  return {
    wellTyped: value as T,
    isExplained: ({ path }) =>
      explained.some(
        (outer) => path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`),
      ),
    findings: faults.map(({ rule, path, reason, fix }) => ({
      rule,
      severity: SEVERITY_OF[rule],
      path: formatPath(shownPath(path)),
      reason: redactText(reason),
      fix,
    })),
  };
}

const SEVERITY_OF = Object.fromEntries(typeRules.map(({ id, severity }) => [id, severity])) as Readonly<
  Record<TypeRuleId, Severity>
>;

/** A name may hold more than a name: `PASSWORD=hunter2`. */
function shownPath(path: DocumentPath): DocumentPath {
  return path.map((step) => (typeof step === 'number' ? step : redactText(step)));
}
