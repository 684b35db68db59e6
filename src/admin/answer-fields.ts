import { z } from 'zod';

/** A moment as the API writes it. */
export const moment = z.iso.datetime();

/** Epoch milliseconds as an ISO text in UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** The same where there may be none. */
export function isoTimeOrNull(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}

/** What the store keeps as JSON, as the API shows it. */
export const anyJson = z.unknown();
