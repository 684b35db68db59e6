/** One call of the API or of OAuth. */
export interface CallLine {
  method: string;
  path: string;
  query: Readonly<Record<string, unknown>>;
  /** In small letters, without the token. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed JSON, or the text when it is none; undefined without a body. */
  body: unknown;
  /** Null while unanswered, and when a fault cut the connection. */
  status: number | null;
  /** ISO 8601. */
  at: string;
}

/** Something in a call that Clio drops without a word. */
export interface Warning {
  /** `POST /api/v4/tasks`. */
  call: string;
  ignored: 'attribute' | 'filter';
  name: string;
}

const LONGEST_LOG = 50_000;

/** What was asked of the sandbox, for tests to look at. */
export class Traffic {
  calls: CallLine[] = [];
  warnings: Warning[] = [];

  begin(line: CallLine): void {
    this.calls.push(line);
    if (this.calls.length > LONGEST_LOG) this.calls.shift();
  }

  warn(warning: Warning): void {
    this.warnings.push(warning);
    if (this.warnings.length > LONGEST_LOG) this.warnings.shift();
  }

  clear(): void {
    this.calls = [];
    this.warnings = [];
  }
}
