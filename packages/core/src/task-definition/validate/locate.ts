import { itemKey } from '../comparable.js';
import type { TaskDefinitionDocument } from '../document.js';
import type { LoadedTaskDefinition } from '../load.js';
import type { DocumentPath, SourcePosition } from '../path.js';
import { valueAt } from '../path.js';
import { isRecord } from '../plain-data.js';
import { fillPlaceholders, unfilledPath } from '../placeholders.js';
import { taskDefinitionShape } from '../shape/members.js';
import type { Shape } from '../shape/shape.js';
import { memberShape } from '../shape/shape.js';

/** What a document was read from, before any edits. */
export type Source = Pick<LoadedTaskDefinition, 'document' | 'positions'>;

/** Says where in the source a value of the document stands: nothing where nobody knows. */
export type Locator = (path: DocumentPath) => Partial<SourcePosition> & { readonly file?: string };

/** Finds in a source what stands in the document that was made from it; `variables` have filled its placeholders. */
export function locator(
  document: TaskDefinitionDocument,
  source: Source | undefined,
  variables: Readonly<Record<string, string>> | undefined,
): Locator {
  const { document: written, positions } = source ?? {};
  if (positions === undefined || !isRecord(written)) return () => ({});
  const file = positions.file === undefined ? {} : { file: positions.file };
  if (variables === undefined) {
    return (path) => ({ ...file, ...positions.locate(relocate(path, document, written)) });
  }
  const filled = fillPlaceholders(written, variables).value;
  return (path) => {
    const place = unfilledPath(relocate(path, document, filled), written, variables);
    return { ...file, ...positions.locate(place) };
  };
}

/**
 * The path in `source` of what stands at `path` in `rendered`: edits move items of lists, so that they
 * are found again by what tells them apart. Ends where the source has nothing of the kind.
 */
function relocate(path: DocumentPath, rendered: unknown, source: unknown): DocumentPath {
  const found: (string | number)[] = [];
  let shape: Shape | undefined = taskDefinitionShape;
  for (const [depth, step] of path.entries()) {
    const siblings = valueAt(source, found);
    if (typeof step === 'number') {
      const index = sameItem(valueAt(rendered, path.slice(0, depth + 1)), step, siblings, shape);
      if (index === undefined) break;
      found.push(index);
      shape = shape?.kind === 'list' ? shape.item : undefined;
    } else {
      found.push(step);
      shape = memberShape(shape, step);
    }
  }
  return found;
}

function sameItem(
  item: unknown,
  index: number,
  siblings: unknown,
  shape: Shape | undefined,
): number | undefined {
  if (!Array.isArray(siblings)) return undefined;
  const key = shape?.kind === 'list' ? itemKey(item, shape) : undefined;
  if (shape?.kind !== 'list' || key === undefined) return index < siblings.length ? index : undefined;
  // Of several items with the same key, the one at the same place is the likeliest.
  if (itemKey(siblings[index], shape) === key) return index;
  const moved = siblings.findIndex((sibling) => itemKey(sibling, shape) === key);
  if (moved >= 0) return moved;
  // Without the variables, what a placeholder has become is anybody's guess: it may be this.
  return itemKey(siblings[index], shape)?.includes('${') ? index : undefined;
}
