import { logCommunication } from './log-communication.js';

/** A call that somebody had. Clio keeps no length of it: time worked is a time entry that names the communication. */
export const logPhoneCall = logCommunication({
  name: 'clio.communication.log_phone_call',
  summary: 'Writes down a phone call in the communications of a matter.',
  type: 'PhoneCommunication',
  body: 'What was said.',
  from: 'Who called',
  to: 'Who was called',
});
