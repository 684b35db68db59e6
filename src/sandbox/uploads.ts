import type { FastifyInstance } from 'fastify';
import { isObject } from '../lib/json.js';
import { asText, type Firm, type StoredRecord, type Values } from './firm.js';

/** Clio's newer pages speak of 10 minutes, the older ones of 8 hours. */
const LINK_LIFE_MS = 10 * 60_000;

/** Headers that every upload must carry, as the storage host that Clio points to demands them. */
export const PUT_HEADERS: readonly Values[] = [{ name: 'x-amz-server-side-encryption', value: 'AES256' }];

/** The storage host: takes bytes at the address that a new document got. */
export class Uploads {
  private readonly texts = new Map<string, string>();

  constructor(private readonly firm: Firm) {}

  /** What was uploaded for a document; undefined while nothing was. */
  textOf(documentId: string): string | undefined {
    return this.texts.get(documentId);
  }

  routes(app: FastifyInstance): void {
    app.put<{ Params: { uuid: string } }>('/uploads/:uuid', ({ params, headers, body }, reply) => {
      const document = this.firm.list('document').find((one) => versionOf(one)['uuid'] === params.uuid);
      const refused = document === undefined || this.isExpired(document) || !isComplete(headers);
      if (refused) return reply.code(403).type('application/xml').send('<Error>AccessDenied</Error>');
      this.keep(document, typeof body === 'string' ? body : '');
      return reply.code(200).send();
    });
  }

  /** Clio itself learns of the bytes only when it is told that the upload is complete, so the version stays. */
  private keep(document: StoredRecord, text: string): void {
    this.texts.set(document.id, text);
    const version = { ...versionOf(document), size: Buffer.byteLength(text) };
    document.values = { ...document.values, latest_document_version: version };
  }

  private isExpired(document: StoredRecord): boolean {
    const madeAt = Date.parse(asText(versionOf(document)['created_at']));
    return this.firm.now().getTime() - madeAt > LINK_LIFE_MS;
  }
}

/** The signed address is the authorisation; a second one is refused, as the storage host does. */
function isComplete(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  return (
    headers['authorization'] === undefined &&
    PUT_HEADERS.every(({ name, value }) => headers[asText(name)] === value)
  );
}

function versionOf({ values }: StoredRecord): Values {
  const { latest_document_version: version } = values;
  return isObject(version) ? version : {};
}
