import { coverLater, coverValues, isOrdinary, type Cover } from './cover.js';
import type { TaskDefinitionDocument } from './document.js';
import type { TaskDefinitionEdits } from './edits.js';
import { readJsonText } from './json-text.js';
import { isRecord, scalarText } from './plain-data.js';
import { freeName, pairName, shownShape } from './redact.js';
import { secretEnds } from './secret-words.js';
import { isSecretName } from './secret-names.js';
import { isSecretReference, isSecretValue, redactText } from './secrets.js';
import { containerDefinitionShape, secretReference, taskDefinitionShape } from './shape/members.js';
import { map, type Shape } from './shape/shape.js';
import { MAX_DEPTH } from './source/syntax.js';

const SHORTEST_GUESS = 6;

/**
 * The secrets that a task definition, or a part of one, holds in clear, for {@link coverValues}: the values of
 * variables, options, labels, tags and whatever else has a free name that usually means a secret, what a command
 * gives a password flag, and values that look like a secret. Ordinary values such as `true` and ARNs are none.
 */
export function secretsIn(value: unknown, shape: Shape | undefined): ReadonlySet<string> {
  const secrets = new Set<string>();
  collect(value, shape, undefined, 0);
  return secrets;

  function collect(value: unknown, shape: Shape | undefined, name: string | undefined, depth: number): void {
    // Nothing else reads what is nested deeper.
    if (depth > MAX_DEPTH) return;
    if (Array.isArray(value)) {
      collectWords(value);
      const item = shape?.kind === 'list' ? shape.item : undefined;
      for (const child of value) collect(child, item, name, depth + 1);
    } else if (isRecord(value)) {
      // A flag may end the entry point, and its value begin the command.
      if (shape === containerDefinitionShape) collectWords([value.entryPoint, value.command].flat());
      const covering = pairName(value, shape, name);
      for (const member of Object.keys(value)) {
        collect(value[member], shownShape(shape, member), freeName(shape, member, covering), depth + 1);
      }
    } else {
      const text = scalarText(value);
      if (text === undefined) return;
      if (isSecret(text, shape, name)) secrets.add(text);
      const meaning = readJsonText(text);
      if (meaning !== undefined) collect(meaning, undefined, undefined, depth + 1);
    }
  }

  function collectAssigned(value: string): void {
    const plain = value.replace(/^["']|["']$/g, '');
    if (plain.length >= SHORTEST_GUESS && !plain.includes('\n') && !isOrdinary(plain)) secrets.add(plain);
  }

  function collectWords(words: readonly unknown[]): void {
    if (!words.some((word) => typeof word === 'string')) return;
    for (const end of secretEnds(words)) if (end !== '' && !isOrdinary(end)) secrets.add(end);
    // What a script assigns. Rather little of it: a guess must not cover ordinary words elsewhere.
    for (const word of words) if (typeof word === 'string') redactText(word, collectAssigned);
  }
}

/** What covers the secrets of these documents, and other known ones, in whatever is said about them. */
export function coverDocuments(
  documents: readonly (TaskDefinitionDocument | undefined)[],
  secrets: readonly string[] = [],
): Cover {
  return coverLater(() =>
    coverValues([
      ...documents.flatMap((document) => [...secretsIn(document, taskDefinitionShape)]),
      ...secrets,
    ]),
  );
}

/** The secrets among the values that edits bring along; see {@link secretsIn}. */
export function secretsInEdits(edits: TaskDefinitionEdits): readonly string[] {
  const { variables, containers = [], patch } = edits;
  const named = [
    variables,
    ...containers.flatMap((edit) => [edit.environment, edit.dockerLabels, edit.logOptions]),
  ];
  return [
    ...named.flatMap((values) => [...secretsIn(values, map)]),
    ...containers.flatMap(({ command = [] }) => [...secretsIn(command, undefined)]),
    ...secretsIn(patch, taskDefinitionShape),
  ];
}

function isSecret(text: string, shape: Shape | undefined, name: string | undefined): boolean {
  const isNamed = name !== undefined && isSecretName(name);
  const isMisplaced = shape === secretReference && !isSecretReference(text);
  return (isNamed || isMisplaced || isSecretValue(text)) && text !== '' && !isOrdinary(text);
}
