import { lookup } from 'node:dns';
import type { OutboundSettings } from '../config/config.js';
import type { Clock } from '../lib/clock.js';
import { sendHttp } from './outbound-http.js';
import { sendMail } from './outbound-mail.js';
import type { Outbound, Resolve } from './outbound.js';

/** The ways out that the settings allow. */
export function openOutbound(settings: OutboundSettings, clock: Clock, resolve: Resolve = lookup): Outbound {
  return {
    http: (request) => sendHttp(request, settings, { clock, resolve }),
    mail: (message) => sendMail(message, settings),
  };
}
