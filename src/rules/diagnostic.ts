/** One finding of the check of a rule file. `line` and `column` count from 1; `path` is `actions/0/with/matter`. */
export interface Diagnostic {
  code: string;
  severity: 'error' | 'warning';
  message: string;
  file: string;
  line: number;
  column: number;
  path: string;
  /** Of what rules do to each other: whether it will happen, or may. */
  certainty?: 'certain' | 'possible';
}

/** `rules/a.yaml:3:5 error R010 ...`: one line that editors and terminals can jump to. */
export function formatDiagnostic({ file, line, column, severity, code, message }: Diagnostic): string {
  return `${file}:${line}:${column} ${severity} ${code} ${message}`;
}
