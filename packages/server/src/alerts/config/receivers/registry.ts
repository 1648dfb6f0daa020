import { type Decoder, listOf } from '../yaml/decode.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { incidentio } from './incidentio.ts';
import { jira } from './jira.ts';
import type { Finish } from './kind.ts';
import { mattermost } from './mattermost.ts';
import { msteams, msteamsv2 } from './msteams.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { pushover } from './pushover.ts';
import { rocketchat } from './rocketchat.ts';
import { slack } from './slack.ts';
import { sns } from './sns.ts';
import { telegram } from './telegram.ts';
import { victorops } from './victorops.ts';
import { webex } from './webex.ts';
import { webhook } from './webhook.ts';
import { wechat } from './wechat.ts';

/** Every kind of receiver, by its list in the file: a new one is a file and an entry here. */
export const receiverLists = {
  discord_configs: listOf(discord),
  email_configs: listOf(email),
  incidentio_configs: listOf(incidentio),
  jira_configs: listOf(jira),
  mattermost_configs: listOf(mattermost),
  msteams_configs: listOf(msteams),
  msteamsv2_configs: listOf(msteamsv2),
  opsgenie_configs: listOf(opsgenie),
  pagerduty_configs: listOf(pagerduty),
  pushover_configs: listOf(pushover),
  rocketchat_configs: listOf(rocketchat),
  slack_configs: listOf(slack),
  sns_configs: listOf(sns),
  telegram_configs: listOf(telegram),
  victorops_configs: listOf(victorops),
  webex_configs: listOf(webex),
  webhook_configs: listOf(webhook),
  wechat_configs: listOf(wechat),
} as const;

type ListName = keyof typeof receiverLists;
type EntryOf<D> = D extends Decoder<readonly Finish<infer Entry>[]> ? Entry : never;

/** An entry below a receiver, by its kind. */
export type ReceiverEntry = EntryOf<(typeof receiverLists)[ListName]>;

export const receiverListNames: readonly ListName[] = Object.keys(receiverLists).filter(
  (name): name is ListName => Object.hasOwn(receiverLists, name),
);
