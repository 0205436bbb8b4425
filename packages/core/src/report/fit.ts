/** A part of a page. */
export interface Part {
  readonly text: string;
  /** 0 for what the page is read for; the higher, the sooner it is left out. */
  readonly rank: number;
}

/** The parts that fit into `bytes` together, the more important before the less; in their order. */
export function fitParts(
  parts: readonly Part[],
  bytes: number,
): { readonly shown: readonly string[]; readonly left: number } {
  const kept = new Set<Part>();
  let room = bytes;
  for (const part of [...parts].sort((a, b) => a.rank - b.rank)) {
    const size = Buffer.byteLength(part.text);
    if (size > room) continue;
    room -= size;
    kept.add(part);
  }
  return {
    shown: parts.filter((part) => kept.has(part)).map(({ text }) => text),
    left: parts.length - kept.size,
  };
}
