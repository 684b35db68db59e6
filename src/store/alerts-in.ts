import type { EntityManager } from 'typeorm';
import { newId } from '../lib/ids.js';
import { Alert, type AlertKind } from './alert.entity.js';
import { insertOnce } from './insert-once.js';

export interface AlertSubject {
  /** Null for the whole installation. */
  connectionId: string | null;
  kind: AlertKind;
  subject: string;
}

/** Opens an alert in the caller's transaction; one that is open already takes the new message. True when it was opened. */
export async function raiseIn(
  tx: EntityManager,
  about: AlertSubject,
  message: string,
  now: number,
): Promise<boolean> {
  const openKey = alertKeyOf(about);
  const row = { ...about, id: newId(), message, openKey, raisedAt: now, seenAt: now, closedAt: null };
  if (await insertOnce(tx, Alert, row)) return true;
  await tx.update(Alert, { openKey }, { message, seenAt: now });
  return false;
}

/** Closes it in the caller's transaction if it is open. True when it was. */
export async function closeIn(tx: EntityManager, about: AlertSubject, now: number): Promise<boolean> {
  const closed = await tx.update(Alert, { openKey: alertKeyOf(about) }, { openKey: null, closedAt: now });
  return closed.affected !== 0;
}

export function alertKeyOf({ connectionId, kind, subject }: AlertSubject): string {
  return `${connectionId ?? ''}:${kind}:${subject}`;
}
