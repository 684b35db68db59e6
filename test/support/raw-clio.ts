import { expect } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/sandbox.js';

export interface RawAnswer {
  status: number;
  headers: Headers;
  /** The parsed JSON; the text when it is none; undefined when the answer is empty. */
  body: unknown;
}

export type Call = (
  method: string,
  path: string,
  data?: Record<string, unknown>,
  headers?: Record<string, string>,
) => Promise<RawAnswer>;

/** Calls of a sandbox's API without our client: what comes back is what went over the wire. */
export function rawClio(sandbox: Sandbox, token = sandbox.control.token()): Call {
  return (method, path, data, headers = {}) =>
    rawCall(`${sandbox.origin}/api/v4/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(data === undefined ? {} : { body: JSON.stringify({ data }) }),
    });
}

export async function rawCall(url: string, init: RequestInit): Promise<RawAnswer> {
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The body that Clio's errors have. */
export const refusal = (type: string, message: unknown = expect.any(String)) => ({
  error: { type, message },
});
