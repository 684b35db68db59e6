/** On whose word something is changed. It stands in the audit trail, so it must stay readable when a token is long gone. */
export interface Actor {
  /** `token`: a token of the API; `admin_token`: the ADMIN_TOKEN; `cli`: the command line; `engine`: nobody asked for it. */
  kind: 'token' | 'admin_token' | 'cli' | 'engine';
  /** The token's id, the user of the command line, or the part of the engine. */
  id: string;
  name: string;
}

/** On whose word something is changed, and when, in epoch milliseconds. */
export interface OnWordOf {
  actor: Actor;
  at: number;
}

/** Whoever holds the ADMIN_TOKEN of the settings. */
export const adminActor: Actor = { kind: 'admin_token', id: 'admin', name: 'ADMIN_TOKEN' };

/** The engine itself; `part` says what in it. */
export function engineActor(part: string): Actor {
  return { kind: 'engine', id: part, name: `engine: ${part}` };
}
