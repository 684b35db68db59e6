import type { Diagnostic } from './diagnostic.js';
import type { DocumentPath, SourceDocument } from './yaml-document.js';

/** Where on a pair the finger points. */
type Part = 'key' | 'value';

/** Gathers what is wrong with one rule and knows where in the file it stands. */
export class Findings {
  readonly list: Diagnostic[];

  constructor(
    private readonly file: string,
    private readonly document: SourceDocument,
  ) {
    this.list = [...document.problems];
  }

  get hasErrors(): boolean {
    return this.list.some(({ severity }) => severity === 'error');
  }

  error(code: string, path: DocumentPath, message: string, part: Part = 'value'): void {
    this.add('error', code, path, message, part);
  }

  warn(code: string, path: DocumentPath, message: string): void {
    this.add('warning', code, path, message, 'value');
  }

  /** In the order of the file. */
  sorted(): Diagnostic[] {
    return this.list.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  private add(
    severity: Diagnostic['severity'],
    code: string,
    path: DocumentPath,
    message: string,
    part: Part,
  ): void {
    const { line, column } = this.document.at(path, part);
    this.list.push({ code, severity, message, file: this.file, line, column, path: path.join('/') });
  }
}
