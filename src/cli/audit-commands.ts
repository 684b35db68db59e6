import { Option, type Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { exportAudit, exportQuery } from '../admin/audit-export.js';
import {
  auditQuery,
  auditVerdictOf,
  headText,
  listAudit,
  markOf,
  type AuditVerdict,
  type AuditView,
} from '../admin/audit-views.js';
import { loadConfig } from '../config/config.js';
import { counted } from '../lib/counted.js';
import { systemClock } from '../lib/clock.js';
import { messageOf, RequestError } from '../lib/errors.js';
import { keptHeads } from '../store/audit-head-file.js';
import { print, type CommandLine } from './command-line.js';
import { timeText } from './event-report.js';
import { askedFor, moreText, parsed, withListOptions, type ListOptions } from './list-options.js';
import { readDatabase } from './read-database.js';
import { table, type Column } from './table.js';

const columns: Column<AuditView>[] = [
  { title: 'SEQ', value: ({ seq }) => String(seq), align: 'right' },
  { title: 'AT', value: ({ at }) => timeText(at) },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'BY', value: ({ actor }) => actor.name },
  { title: 'MATTER', value: ({ matter_id: matter }) => matter ?? '' },
  { title: 'RULE', value: ({ rule_id: rule }) => rule ?? '' },
  { title: 'RUN', value: ({ run_id: run }) => run ?? '' },
];

interface ExportOptions {
  matter: string;
  format: string;
  out: string;
  connection?: string;
}

export function addAuditCommands(program: Command, line: CommandLine): void {
  const audit = program.command('audit').description('what was changed and done, and on whose word');

  withListOptions(audit.command('list').description('the newest entries'), auditQuery).action(
    async (options: ListOptions) => {
      const query = askedFor(auditQuery, options);
      const page = await readDatabase((database) => listAudit(database, query, systemClock.now()));
      print(line, page, () => table(columns, page.data) + moreText(page.next_cursor));
    },
  );

  audit
    .command('verify')
    .description('compute every hash anew; 1 when an entry was changed, moved or removed')
    .option('--head <number:hash>', 'a head that was kept: the trail must still have it')
    .action(async ({ head }: { head?: string }) => {
      const given = head === undefined ? [] : [markOf(parsed(headText, head))];
      const kept = [...keptHeads(databaseUrl()), ...given];
      const verdict = await readDatabase((database) => auditVerdictOf(database, kept));
      print(line, verdict, () => verdictText(verdict));
      if (!verdict.ok) line.finish(1);
    });

  audit
    .command('export')
    .description('what is written down about one matter, as a file')
    .requiredOption('--matter <id>', "the matter's id at Clio")
    .addOption(new Option('--format <format>').choices(['csv', 'pdf']).default('csv'))
    .option('--connection <id>', 'where several firms have a matter of that id')
    .requiredOption('--out <file>', 'where to write it')
    .action(async ({ out, connection, ...options }: ExportOptions) => {
      const query = parsed(exportQuery, { ...options, connection_id: connection });
      const kept = keptHeads(databaseUrl());
      const { body } = await readDatabase((database) =>
        exportAudit(database, query, systemClock.now(), kept),
      );
      write(out, body);
      print(
        line,
        { file: out, bytes: body.length },
        () => `Wrote ${out} (${counted(body.length, 'byte')}).\n`,
      );
    });
}

function databaseUrl(): string {
  return loadConfig().databaseUrl;
}

function verdictText({ ok, entries, head, fault }: AuditVerdict): string {
  const result = ok
    ? `The audit trail holds: ${counted(entries, 'entry', 'entries')}, none changed, missing or moved.`
    : `The audit trail does NOT hold. ${fault?.message ?? ''}\nIt holds up to entry ${entries}.`;
  return `${result}\nHead: ${head}\nKeep this line outside; "praetor audit verify --head" compares it later.\n`;
}

function write(file: string, body: Buffer): void {
  try {
    writeFileSync(file, body);
  } catch (cause) {
    throw new RequestError('request.invalid', `${file} cannot be written (${messageOf(cause)}).`, { cause });
  }
}
