/**
 * The words of a shell command, as bash reads them: single and double quotes, `$'…'`, backslashes and
 * continued lines. Nothing is expanded, and operators are words like any other. `undefined` if a quote
 * or backslash is left open.
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let end = 0;
  for (const { 0: part, index, groups = {} } of text.matchAll(PART)) {
    if (index !== end) return undefined;
    end += part.length;
    if (groups.space === undefined) {
      const said = meaning(groups);
      // A continued line is no word of its own.
      if (said !== '' || word !== undefined || part !== '\\\n') word = (word ?? '') + said;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (end !== text.length) return undefined;
  return word === undefined ? words : [...words, word];
}

const PART =
  /(?<space>[ \t\r\n]+)|'(?<single>[^']*)'|\$?"(?<double>(?:[^"\\]|\\[^])*)"|\$'(?<ansi>(?:[^'\\]|\\[^])*)'|\\(?<escaped>[^])|(?<plain>(?:[^ \t\r\n'"\\$]|\$(?!['"]))+)/g;

function meaning(groups: Readonly<Record<string, string | undefined>>): string {
  const { single, double, ansi, escaped, plain = '' } = groups;
  if (double !== undefined) return double.replace(/\\([$`"\\\n])/g, (_, char: string) => unlessNewline(char));
  if (ansi !== undefined) return ansi.replace(ANSI_ESCAPE, ansiCharacter);
  return single ?? (escaped === undefined ? plain : unlessNewline(escaped));
}

/** A backslash at the end of a line continues it. */
function unlessNewline(char: string): string {
  return char === '\n' ? '' : char;
}

const ANSI_ESCAPE =
  /\\(?:(?<char>[\\'"?abeEfnrtv])|(?<octal>[0-7]{1,3})|x(?<hex>[\da-fA-F]{1,2})|u(?<four>[\da-fA-F]{1,4})|U(?<eight>[\da-fA-F]{1,8}))/g;

const ANSI_CHARACTERS: ReadonlyMap<string | undefined, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['E', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

function ansiCharacter(...match: unknown[]): string {
  const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
  const { char, octal, hex, four, eight } = groups;
  if (char !== undefined) return ANSI_CHARACTERS.get(char) ?? char;
  const code =
    octal === undefined ? Number.parseInt(hex ?? four ?? eight ?? '0', 16) : Number.parseInt(octal, 8);
  return code > 0x10_ffff ? '\uFFFD' : String.fromCodePoint(code);
}
