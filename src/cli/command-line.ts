import { EngineError, messageOf, type ErrorCode } from '../lib/errors.js';
import { oneLine } from './table.js';

/** 0: fine. 1: the answer is no. 2: wrong usage or settings, or the question could not be asked. */
export type ExitCode = 0 | 1 | 2;

/** Where a command writes, and how. */
export interface CommandLine {
  /** Whether `--json` was given: then standard output carries one JSON value and nothing else. */
  isJson(): boolean;
  out(text: string): void;
  /** For people only: notices and errors. */
  err(text: string): void;
  finish(code: ExitCode): void;
}

/** Prints `value` as JSON, or `text` for people. */
export function print(line: CommandLine, value: unknown, text: () => string): void {
  line.out(line.isJson() ? `${JSON.stringify(value, null, 2)}\n` : text());
}

/** The answer to these is no; everything else is a question that could not be asked. */
const ANSWERS: readonly ErrorCode[] = ['request.not_found', 'request.conflict'];

export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof EngineError)) return 2;
  return ANSWERS.includes(error.code) || /^(clio|rule)[.]/.test(error.code) ? 1 : 2;
}

/** One line for the error stream. Settings list their problems, one a line. */
export function errorText(error: unknown): string {
  const message = messageOf(error);
  const isList = error instanceof EngineError && error.code === 'config.invalid';
  return `praetor: ${isList ? message : oneLine(message)}\n`;
}
