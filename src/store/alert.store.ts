import { Inject, Injectable, Logger } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { CLOCK, type Clock } from '../lib/clock.js';
import { Alert, type AlertKind } from './alert.entity.js';
import { Database } from './database.js';
import { alertKeyOf, closeIn, raiseIn, type AlertSubject } from './alerts-in.js';

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
    const opened = await this.database.write((tx) => raiseIn(tx, about, message, now));
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
    if (!(await this.database.repo(Alert).existsBy({ openKey: alertKeyOf(about) }))) return false;
    const now = this.clock.now().getTime();
    return this.database.write((tx) => closeIn(tx, about, now));
  }
}
