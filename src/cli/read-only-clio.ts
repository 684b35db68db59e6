import { ClioReader, tokenEnded } from '../clio/clio-reader.js';
import type { Config } from '../config/config.js';
import type { Clock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import { Connection } from '../store/connection.entity.js';
import type { Database } from '../store/database.js';
import { SealedText } from '../store/sealed-text.js';
import { standsBy } from '../store/standing-by.js';

/**
 * The connection with this id or name, or the only one there is at work.
 * @throws RequestError `request.not_found` without one, `request.invalid` when there are several to choose from.
 */
export async function connectionNamed(database: Database, name: string | undefined): Promise<Connection> {
  const all = await database.repo(Connection).find({ order: { id: 'ASC' } });
  const list = all.map((each) => `${each.id} (${each.name})`).join(', ');
  if (name !== undefined) {
    const found = all.filter((each) => each.id === name || each.name === name);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    throw new RequestError(
      'request.not_found',
      `There is no one connection "${name}"; there are: ${list || 'none'}.`,
    );
  }
  const atWork: Connection[] = [];
  for (const each of all) if (!(await standsBy(database, each))) atWork.push(each);
  const [only] = atWork;
  if (only === undefined)
    throw new RequestError(
      'request.not_found',
      'No Clio user is connected yet; open /oauth/clio/connect, or run praetor connections add.',
    );
  if (atWork.length > 1)
    throw new RequestError(
      'request.invalid',
      `There are several connections; name one with --connection: ${list}.`,
    );
  return only;
}

/**
 * A reader with the token that the connection has now.
 * @throws RequestError `request.conflict` when the token has ended, because only a running server may renew it.
 */
export function readerOf(connection: Connection, config: Config, clock: Clock): ClioReader {
  const { baseUrl: origin, name, status, accessToken, tokenExpiresAt } = connection;
  if (status === 'needs_authorisation' || (tokenExpiresAt ?? Infinity) <= clock.now().getTime())
    throw tokenEnded(name);
  const token = new SealedText(config.encryptionKeys).open(accessToken);
  return new ClioReader({ origin, token, name }, clock);
}
