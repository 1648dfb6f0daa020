/** Sends alerts of rules to Alertmanagers. */

export { alertingSection } from './config.ts';
export { AlertSender } from './sender.ts';
