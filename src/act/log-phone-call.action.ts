import { logCommunication } from './log-communication.js';

export const logPhoneCall = logCommunication(
  'clio.communication.log_phone_call',
  'Writes down a phone call in the communications of a matter.',
  'PhoneCommunication',
);
