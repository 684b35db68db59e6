import { Inject, Injectable, Logger } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { newId } from '../lib/ids.js';
import { Alert, type AlertKind } from './alert.entity.js';
import { Database } from './database.js';
import { insertOnce } from './insert-once.js';

export interface AlertSubject {
  /** Null for the whole installation. */
  connectionId: string | null;
  kind: AlertKind;
  subject: string;
}

/** Alerts: raised once however often their cause is seen, and closed when it is gone. */
@Injectable()
export class AlertStore {
  private readonly logger = new Logger('Alerts');

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Opens an alert and logs it; one that is open already takes the new message. True when it was opened. */
  async raise(about: AlertSubject, message: string): Promise<boolean> {
    const now = this.clock.now().getTime();
    const openKey = keyOf(about);
    const row = { ...about, id: newId(), message, openKey, raisedAt: now, seenAt: now, closedAt: null };
    const opened = await this.database.write(async (tx) => {
      if (await insertOnce(tx, Alert, row)) return true;
      await tx.update(Alert, { openKey }, { message, seenAt: now });
      return false;
    });
    if (opened) this.logger.warn(message);
    return opened;
  }

  /** The open ones of a connection (null: of the whole installation), of these kinds. */
  openOf(connectionId: string | null, kinds: readonly AlertKind[]): Promise<Alert[]> {
    const where = { connectionId: connectionId ?? IsNull(), kind: In([...kinds]), closedAt: IsNull() };
    return this.database.repo(Alert).find({ where, order: { id: 'ASC' } });
  }

  /** Closes it if it is open. True when it was. */
  async close(about: AlertSubject): Promise<boolean> {
    const openKey = keyOf(about);
    if (!(await this.database.repo(Alert).existsBy({ openKey }))) return false;
    const closedAt = this.clock.now().getTime();
    const closed = await this.database.write((tx) =>
      tx.update(Alert, { openKey }, { openKey: null, closedAt }),
    );
    return closed.affected !== 0;
  }
}

function keyOf({ connectionId, kind, subject }: AlertSubject): string {
  return `${connectionId ?? ''}:${kind}:${subject}`;
}
