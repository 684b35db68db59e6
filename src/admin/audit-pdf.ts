import { buffer } from 'node:stream/consumers';
import { counted } from '../lib/counted.js';
import { canonicalJson } from '../lib/json.js';
import type { AuditVerdict, AuditView } from './audit-views.js';

/** What is written down about one matter, with what the check of the whole trail found at that moment. */
interface MatterAudit {
  matterId: string;
  firms: readonly string[];
  madeAt: Date;
  entries: readonly AuditView[];
  verdict: AuditVerdict;
}

/** The entries as a PDF (A4) for a file or a client: what happened, when, on whose word, with the hashes that prove it. */
export async function auditPdf(audit: MatterAudit): Promise<Buffer> {
  // Only here: it would cost every start, and every command, a fifth of a second.
  const { default: PDFDocument } = await import('pdfkit');
  const { matterId, firms, madeAt, entries, verdict } = audit;
  const title = `Automation on matter ${matterId}: audit trail`;
  const pdf = new PDFDocument({
    size: 'A4',
    margin: 50,
    info: { Title: title, Producer: 'Praetor', CreationDate: madeAt },
  });
  const pages = buffer(pdf);
  pdf.font('Helvetica-Bold').fontSize(15).text(printable(title));
  pdf.font('Helvetica').fontSize(9).moveDown(0.5);
  pdf.text(printable(`Firm: ${firms.join(', ') || 'not connected any more'}`));
  pdf.text(`Made: ${madeAt.toISOString()} (all times in UTC)`);
  pdf.text(`Entries about this matter: ${entries.length}`);
  pdf.text(printable(checkText(verdict)));
  for (const entry of entries) addEntry(pdf, entry);
  pdf.end();
  return pages;
}

function checkText({ ok, entries, head, fault }: AuditVerdict): string {
  return ok
    ? `The whole trail was checked: ${counted(entries, 'entry', 'entries')}, none changed, missing or moved. Head ${head}`
    : `THE TRAIL IS NOT WHOLE: ${fault?.message ?? ''} It holds up to entry ${entries}.`;
}

function addEntry(pdf: PDFKit.PDFDocument, entry: AuditView): void {
  const { seq, at, kind, actor, facts, hash, prev_hash: before } = entry;
  pdf.moveDown(0.8).font('Helvetica-Bold').fontSize(10);
  pdf.text(printable(`${seq}  ${at}  ${kind}`));
  pdf
    .font('Helvetica')
    .fontSize(9)
    .text(printable(`By ${actor.name} (${actor.kind} ${actor.id})`));
  const about = [
    ['rule', entry.rule_id],
    ['run', entry.run_id],
    ['connection', entry.connection_id],
  ].flatMap(([what, id]) => (typeof id === 'string' ? [`${what} ${id}`] : []));
  if (about.length > 0) pdf.text(printable(about.join(', ')));
  pdf
    .font('Courier')
    .fontSize(8)
    .text(printable(canonicalJson(facts)));
  pdf.fontSize(7).text(`hash ${hash}`).text(`after ${before}`);
}

/**
 * The PDF's own fonts have the characters of Windows-1252 only; what they lack is written as its code point rather than
 * as a wrong letter.
 */
export function printable(text: string): string {
  return Array.from(text, (character) =>
    /^[\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]$/.test(character)
      ? character
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  ).join('');
}
