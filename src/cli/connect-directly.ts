import type { TokenGrantBody } from '../admin/connecting.js';
import { viewConnection, type ConnectionView } from '../admin/connection-views.js';
import { ClioClients } from '../clio/clio-clients.js';
import { Connector } from '../clio/connector.js';
import type { Config } from '../config/config.js';
import { systemClock } from '../lib/clock.js';
import { AlertStore } from '../store/alert.store.js';
import { openDatabase } from '../store/database.js';
import { SealedText } from '../store/sealed-text.js';
import { cliActor } from './intervene.js';

/** Stores a connection while no server runs; the next one to start finds it. */
export async function connectDirectly(config: Config, grant: TokenGrantBody): Promise<ConnectionView> {
  const database = await openDatabase(config);
  try {
    const sealed = new SealedText(config.encryptionKeys);
    const alerts = new AlertStore(database, systemClock);
    const clients = new ClioClients(database, sealed, alerts, config, systemClock);
    const connector = new Connector(database, sealed, clients, config, systemClock);
    const tokens = {
      name: grant.name,
      region: grant.region,
      baseUrl: grant.base_url,
      accessToken: grant.access_token,
      refreshToken: grant.refresh_token,
      expiresIn: grant.expires_in,
    };
    const connection = await connector.connectWithTokens(tokens, cliActor());
    return await viewConnection(database, connection);
  } finally {
    await database.close();
  }
}
