const compiled = new Map<string, RegExp>();

/** Matches IAM's wildcards: `*` is any text, `?` any one character. */
export function matchesWildcard(
  pattern: string,
  value: string,
  options: { ignoreCase?: boolean } = {},
): boolean {
  const key = `${options.ignoreCase === true ? 'i' : ''}:${pattern}`;
  let expression = compiled.get(key);
  if (expression === undefined) {
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    expression = new RegExp(`^${source}$`, options.ignoreCase === true ? 'is' : 's');
    compiled.set(key, expression);
  }
  return expression.test(value);
}
