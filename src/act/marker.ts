/**
 * The text as it is where the rule wants no marker. Otherwise the text with the marker on a line of its own at the end: a paragraph in rich text. A text that is empty becomes the
 * marker alone.
 */
export function withMarker(text: string, marker: string | null, textType: string | undefined): string {
  if (marker === null) return text;
  const body = text.trimEnd();
  if (textType === 'rich_text') return `${body}<p>${marker}</p>`;
  return body === '' ? marker : `${body}\n\n${marker}`;
}

/**
 * Whether the marker stands on a line of its own. Any line counts, because a person may have added to the text since;
 * tags count as line ends, because Clio may have rewritten the paragraph.
 */
export function hasMarker(text: unknown, marker: string): boolean {
  if (typeof text !== 'string') return false;
  return text
    .replace(/<[^>]*>/g, '\n')
    .split('\n')
    .some((line) => line.trim() === marker);
}
