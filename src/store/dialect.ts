/** The only place that asks which database: answers in what differs. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** Path of the file, or the connection URL. */
  readonly target: string;
}

export function dialectOf(databaseUrl: string): Dialect {
  return databaseUrl.startsWith('sqlite:')
    ? { name: 'sqlite', target: databaseUrl.slice('sqlite:'.length) }
    : { name: 'postgres', target: databaseUrl };
}
