/**
 * Markdown that holds text from elsewhere (resource names, values, logs). Such text goes through {@link code} or
 * {@link fence} and through nothing else: then it cannot become a heading, a link, HTML, a mention or an issue reference,
 * and what it says is what a reader sees.
 */

/** No reason of ECS comes near this, in characters; of one that does, the middle is left out. */
export const LONGEST_REASON = 20_000;
/** A log line is cut after this many characters. */
export const LONGEST_LINE = 1_000;

/** Characters that are invisible, or that change how their neighbours are shown. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Shows control, bidirectional and zero-width characters as escapes. Tabs and line ends stay. */
function showInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * Every ASCII character that can mean something to Markdown, to HTML or to GitHub: a dot and a colon where they would
 * make a link, an underscore where it would make emphasis.
 */
const MARKUP =
  /[^\w .,;:'"%+?=()\-/\u0080-\u{10ffff}]|(?<=www)\.|:(?=\/\/)|(?<=mailto|xmpp):|(?<![a-z0-9])_|_(?![a-z0-9])/giu;

/** Text from elsewhere inside a line, set as code. Line ends are shown as `\n`. */
export function code(text: string): string {
  const line = showInvisible(text).replaceAll('\n', '\\n');
  const safe = line.replace(MARKUP, (character) => `&#${character.codePointAt(0)};`);
  return `<code>${safe}</code>`;
}

/** Text from elsewhere as a block of code, in a fence that nothing inside can close. */
export function fence(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}${language}\n${showInvisible(text)}\n${marks}`;
}

/** A part that is folded away under `summary`, which is Markdown of ours. */
export function details(summary: string, body: string, { open = false } = {}): string {
  return `<details${open ? ' open' : ''}><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** A text of at most `limit` characters; says how much is missing. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}… (${text.length - limit} more characters)`;
}

/** A text of about `limit` characters, its beginning and above all its end: in a reason the end tells most. */
export function clipMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.floor(limit / 4);
  const start = text.slice(0, head).replace(/[\ud800-\udbff]$/, '');
  const end = text.slice(text.length - (limit - head)).replace(/^[\udc00-\udfff]/, '');
  return `${start}… (${text.length - limit} characters left out) …${end}`;
}

/** `1 resource`, `2 resources` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
