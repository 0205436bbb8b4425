import { itemKey } from '../comparable.js';
import type { DocumentPath } from '../path.js';
import { valueAt } from '../path.js';
import { taskDefinitionShape } from '../shape/members.js';
import type { Shape } from '../shape/shape.js';
import { memberShape } from '../shape/shape.js';

/**
 * The path in `source` of what stands at `path` in `rendered`: edits move items of lists, so that they
 * are found again by what tells them apart. Ends where the source has nothing of the kind.
 */
export function relocate(path: DocumentPath, rendered: unknown, source: unknown): DocumentPath {
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
  return moved < 0 ? undefined : moved;
}
