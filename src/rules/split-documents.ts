/** A part of a text that holds one document, and the line of the whole text that it begins with, from 1. */
export interface TextPart {
  text: string;
  line: number;
}

/** YAML allows three hyphens at the start of a line for nothing else, not even inside a text in several lines. */
const MARK = /^---(?=\s|$)/;

/** A text cut at the marks between its documents. What stands before the first one belongs to it, comments too. */
export function splitDocuments(text: string): TextPart[] {
  const parts: { lines: string[]; line: number }[] = [{ lines: [], line: 1 }];
  for (const [index, line] of text.split('\n').entries()) {
    const last = parts.at(-1);
    if (MARK.test(line) && last?.lines.some(isContent) === true) parts.push(afterMark(line, index + 1));
    else last?.lines.push(line);
  }
  return parts
    .filter(({ lines }) => lines.some(isContent))
    .map(({ lines, line }) => ({ text: `${lines.join('\n').replace(/\n$/, '')}\n`, line }));
}

/** The rest of the line may hold a comment, or a document in one line, whose column stays. */
function afterMark(line: string, number: number): { lines: string[]; line: number } {
  const rest = line.replace(MARK, '   ');
  if (rest.trim() === '') return { lines: [], line: number + 1 };
  return { lines: [rest.trimStart().startsWith('#') ? rest.trimStart() : rest], line: number };
}

function isContent(line: string): boolean {
  return !/^\s*(#.*)?$/.test(line) && !MARK.test(line) && !/^%/.test(line);
}
