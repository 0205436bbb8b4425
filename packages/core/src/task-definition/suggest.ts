/**
 * The candidate that `name` was most likely meant to be: equal but for case and separators, the same
 * letters in another order, or one slip of the keyboard (two in a long name) away; or else the only one
 * that it is at least the first half of (`taskRole`). `undefined` if none is that near. Of very short
 * names, any other one would be near.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = plainName(name);
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const other = plainName(candidate);
    const length = Math.max(wanted.length, other.length);
    const allowed = length < 4 ? 0 : length < 8 ? 1 : 2;
    const distance = isAnagram(wanted, other) ? 0.5 : editDistance(wanted, other, allowed);
    if (distance > Math.max(allowed, 0.5) || distance >= (best?.distance ?? Infinity)) continue;
    best = { candidate, distance: wanted === other ? 0 : distance };
  }
  return best?.candidate ?? onlyEnding(wanted, candidates);
}

function onlyEnding(beginning: string, candidates: readonly string[]): string | undefined {
  if (beginning.length < 4) return undefined;
  const [found, ...others] = candidates.filter((candidate) => {
    const whole = plainName(candidate);
    return whole.startsWith(beginning) && beginning.length >= whole.length / 2;
  });
  return others.length === 0 ? found : undefined;
}

/** ` Did you mean "environment"?`, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}

/** A name without what is easily mistaken in it: case and separators. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

function isAnagram(a: string, b: string): boolean {
  return a.length === b.length && sortedLetters(a) === sortedLetters(b);
}

function sortedLetters(text: string): string {
  return text.split('').sort().join('');
}

/** Insertions, deletions, substitutions and swaps of neighbours; counting stops above `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    if (Math.min(...current) > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
