import type { TaskDefinitionDocument } from './document.js';
import { normaliseTaskDefinition } from './normalise.js';
import { writeJson } from '../write-json.js';

/**
 * The JSON of a document, indented by two spaces, with a final newline. Members stand in the order of
 * the API, so the same document is the same bytes whoever wrote it.
 */
export function writeTaskDefinition(document: TaskDefinitionDocument): string {
  return `${writeJson(normaliseTaskDefinition(document).document, 2)}\n`;
}
