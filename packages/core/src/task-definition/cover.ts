import { REDACTED } from './redacted.js';

/** A text with the secrets in it covered. */
export type Cover = (text: string) => string;

/** For texts that stand beside no secret. */
export const coverNothing: Cover = (text) => text;

/** Shorter values would blot out half of what is said, and hide nothing. */
const SHORTEST_SECRET = 4;
/** Up to this length a value that is one word is only covered where it stands alone: it may be a part of others. */
const LONGEST_WORD = 8;
/** What settings have whose names merely sound secret (`MAX_TOKENS`, `SECRET_ARN`): none of it is one. */
const ORDINARY = /^(?:arn:.*|\d{1,5}|true|false|null|none|yes|no|on|off|default|auto)$/is;

/** True for the value of a setting that sounds secret but says nothing that anybody could not say: `true`, an ARN. */
export function isOrdinary(value: string): boolean {
  return ORDINARY.test(value);
}

/**
 * Covers values wherever they stand in a text: as they are, as JSON quotes them and as an address does, lines of
 * several, and the password of an address alone. Values of less than four characters are not looked for. One pass over a text,
 * whatever the number of values.
 */
export function coverValues(values: Iterable<string>): Cover {
  const all = [...values].flatMap((value) => [value, ...passwordOf(value)]).flatMap(spellings);
  const byStart = new Map<string, Map<number, Set<string>>>();
  const starts = new Uint8Array(0x1_0000);
  // The longer first: one value may be the beginning of another.
  for (const text of [...new Set(all)].sort((a, b) => b.length - a.length)) {
    if (text.length < SHORTEST_SECRET) continue;
    const byLength = entry(byStart, text.slice(0, SHORTEST_SECRET), () => new Map<number, Set<string>>());
    entry(byLength, text.length, () => new Set<string>()).add(text);
    starts[hashAt(text, 0)] = 1;
  }
  if (byStart.size === 0) return coverNothing;
  return (text) => {
    let shown = '';
    let end = 0;
    for (let at = 0; at <= text.length - SHORTEST_SECRET; at += 1) {
      if (starts[hashAt(text, at)] === 0) continue;
      const length = lengthAt(text, at, byStart.get(text.slice(at, at + SHORTEST_SECRET)));
      if (length === 0) continue;
      shown += text.slice(end, at) + REDACTED;
      end = at + length;
      at = end - 1;
    }
    return shown + text.slice(end);
  };
}

/** The same cover, made when there is something to cover: most of the time there is not. */
export function coverLater(make: () => Cover): Cover {
  let made: Cover | undefined;
  return (text) => (made ??= make())(text);
}

/** The length of the longest value that stands there; 0 if none does. */
function lengthAt(
  text: string,
  at: number,
  byLength: ReadonlyMap<number, ReadonlySet<string>> = new Map(),
): number {
  for (const [length, values] of byLength) {
    const found = text.slice(at, at + length);
    if (values.has(found) && (!isWord(found) || standsAlone(text, at, length))) return length;
  }
  return 0;
}

function isWord(value: string): boolean {
  return value.length < LONGEST_WORD && /^\w+$/.test(value);
}

function standsAlone(text: string, at: number, length: number): boolean {
  return !isWordCharacter(text[at - 1]) && !isWordCharacter(text[at + length]);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key) ?? make();
  map.set(key, present);
  return present;
}

/** Tells most places at which nothing sought begins from the others. */
function hashAt(text: string, at: number): number {
  const [a, b] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  return (a * 0x1f35 + b * 0x3f1 + text.charCodeAt(at + 2) * 31 + text.charCodeAt(at + 3)) & 0xffff;
}

/** The password of an address: clients quote it without the rest. */
function passwordOf(value: string): string[] {
  const password = /^[a-z][\w+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i.exec(value)?.[1];
  return password === undefined || isOrdinary(password)
    ? []
    : [password, convert(password, decodeURIComponent)];
}

/** `text` as it is where it cannot be converted. */
function convert(text: string, how: (text: string) => string): string {
  try {
    return how(text);
  } catch {
    return text;
  }
}

/** A value and its longer lines: logs come line by line. */
function spellings(value: string): string[] {
  const plain = value.trim();
  const lines = plain.includes('\n') ? plain.split(/\s*\n\s*/) : [];
  return [plain, ...lines.filter(({ length }) => length >= LONGEST_WORD)].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    convert(text, encodeURIComponent),
  ]);
}
