import type { SlackSettings } from '../config/receivers/slack.ts';
import { SLACK_TEMPLATES } from '../config/receivers/slack.ts';
import { shortened } from '../templates/shorten.ts';
import { given } from './given.ts';
import type { Message } from './notifier.ts';

/** Slack's own limit, in characters. */
const MOST_TITLE = 1024;

/** The body of a message, as incoming webhooks and `chat.postMessage` take it. */
export type SlackMessage = Readonly<Record<string, unknown>>;

export function slackMessage(settings: SlackSettings, message: Message): SlackMessage {
  const { texts } = message;
  const text = (name: keyof SlackSettings['templates']): string =>
    texts.shown(name, settings.templates[name], SLACK_TEMPLATES[name]);
  const footer = [text('footer'), ...(message.mayBeDuplicate ? ['may be a repeat'] : [])];
  return {
    ...given('channel', texts.exact('channel', settings.templates.channel)),
    ...given('username', text('username')),
    ...given('icon_emoji', text('icon_emoji')),
    ...given('icon_url', text('icon_url')),
    ...(settings.linkNames && { link_names: true }),
    attachments: [
      {
        ...given('title', shortened(text('title'), MOST_TITLE)),
        ...given('title_link', text('title_link')),
        ...given('pretext', text('pretext')),
        text: text('text'),
        fallback: text('fallback'),
        callback_id: text('callback_id'),
        ...(settings.fields.length > 0 && { fields: fieldsOf(settings, texts) }),
        ...(settings.actions.length > 0 && { actions: actionsOf(settings, texts) }),
        ...given('image_url', text('image_url')),
        ...given('thumb_url', text('thumb_url')),
        footer: footer.filter((part) => part !== '').join(' · '),
        ...given('color', text('color')),
        ...(settings.markdownIn.length > 0 && { mrkdwn_in: settings.markdownIn }),
      },
    ],
  };
}

function fieldsOf({ fields, shortFields }: SlackSettings, texts: Message['texts']): readonly object[] {
  return fields.map(({ title = '', value = '', short }) => ({
    title: texts.shown('title of a field', title),
    value: texts.shown('value of a field', value),
    short: short ?? shortFields,
  }));
}

function actionsOf({ actions }: SlackSettings, texts: Message['texts']): readonly object[] {
  const text = (template: string | undefined): string => texts.shown('an action', template ?? '');
  return actions.map(({ type, text: label, url, style, name, value, confirm }) => ({
    type: text(type),
    text: text(label),
    ...given('url', text(url)),
    ...given('style', text(style)),
    ...given('name', text(name)),
    ...given('value', text(value)),
    ...(confirm !== undefined && {
      confirm: {
        text: text(confirm.text),
        ...given('title', text(confirm.title)),
        ...given('ok_text', text(confirm.ok_text)),
        ...given('dismiss_text', text(confirm.dismiss_text)),
      },
    }),
  }));
}
