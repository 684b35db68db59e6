import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { CONFIG, type Config } from '../config/config.js';
import { counted } from '../lib/counted.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { messageOf, StoreError } from '../lib/errors.js';
import type { AuditMark } from './audit-chain.js';
import { AuditEntry } from './audit-entry.entity.js';
import { Database } from './database.js';
import { readHead, type KeptMark } from './verify-audit.js';

const EVERY_MS = 1000;

const keptMark = z.object({ seq: z.number().int().nonnegative(), hash: z.string().regex(/^[0-9a-f]{64}$/) });

/** Where the head is kept beside a database file; null where there is none, as with PostgreSQL. */
export function headFileOf(databaseUrl: string): string | null {
  return databaseUrl.startsWith('sqlite:') ? `${databaseUrl.slice('sqlite:'.length)}.audit-head` : null;
}

/**
 * The mark in `file`; null when there is no such file.
 * @throws StoreError when it says something else than a mark.
 */
export function readHeadFile(file: string): KeptMark | null {
  if (!existsSync(file)) return null;
  const from = `the file ${file}`;
  try {
    return { ...keptMark.parse(JSON.parse(readFileSync(file, 'utf8'))), from };
  } catch (cause) {
    throw new StoreError(
      'store.unavailable',
      `The file ${file} does not hold the head of an audit trail (seq and hash); if somebody changed it, find out who, then remove it.`,
      { cause },
    );
  }
}

/** The heads that are kept outside of this database, as far as this machine knows. */
export function keptHeads(databaseUrl: string): KeptMark[] {
  const file = headFileOf(databaseUrl);
  const kept = file === null ? null : readHeadFile(file);
  return kept === null ? [] : [kept];
}

/**
 * Keeps the head of the trail outside of the database: in a file beside it, at most a second behind, and in the log at
 * start and stop. A file that tells of more, or of something else, than the database is left alone: it is the evidence.
 */
@Injectable()
export class AuditHeadFile implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Audit');
  private readonly file: string | null;
  private latest: AuditMark | null = null;
  private cancel: (() => void) | null = null;
  private isEvidence = false;

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.file = headFileOf(config.databaseUrl);
    database.onAudit((mark) => this.note(mark));
  }

  async onModuleInit(): Promise<void> {
    await this.compare();
    const head = await readHead(this.database);
    if (head === null) return;
    this.latest = head;
    this.report('The audit trail has');
    this.write();
  }

  onApplicationShutdown(): void {
    this.cancel?.();
    this.write();
    this.report('The audit trail ends with');
  }

  /** Entries of several replicas may be told of out of order. */
  private note(mark: AuditMark): void {
    if (this.latest === null || mark.seq > this.latest.seq) this.latest = mark;
    if (this.file === null) return;
    this.cancel ??= this.clock.after(EVERY_MS, () => {
      this.cancel = null;
      this.write();
    });
  }

  private async compare(): Promise<void> {
    try {
      const kept = this.file === null ? null : readHeadFile(this.file);
      if (kept === null || kept.seq === 0) return;
      const entry = await this.database.repo(AuditEntry).findOneBy({ seq: kept.seq });
      if (entry?.hash === kept.hash) return;
      this.distrust(
        `The audit trail has no entry ${kept.seq} as ${kept.from} knows it: entries were removed or changed, or an older backup was restored.`,
      );
    } catch (error) {
      this.distrust(messageOf(error));
    }
  }

  private distrust(what: string): void {
    this.isEvidence = true;
    this.logger.error(
      `${what} Run "praetor audit verify". The file is left as it is; remove it when you know why, and the engine starts a new one.`,
    );
  }

  private write(): void {
    if (this.file === null || this.latest === null || this.isEvidence) return;
    try {
      writeFileSync(`${this.file}.new`, `${JSON.stringify(this.latest)}\n`);
      renameSync(`${this.file}.new`, this.file);
    } catch (error) {
      this.logger.warn(
        `The head of the audit trail cannot be kept in ${this.file} (${messageOf(error)}); make the folder writable.`,
      );
    }
  }

  private report(what: string): void {
    if (this.latest !== null)
      this.logger.log(
        `${what} ${counted(this.latest.seq, 'entry', 'entries')}; head ${this.latest.seq}:${this.latest.hash}.`,
      );
  }
}
