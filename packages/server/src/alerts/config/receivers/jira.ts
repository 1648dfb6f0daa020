import { url } from '../addresses.ts';
import { anything, duration, listOf, text } from '../yaml/decode.ts';
import { overHttp } from './kind.ts';
import { need, unsent } from './unsent.ts';

/** `jira_configs`: read and checked. */
export const jira = unsent(
  'jira',
  {
    ...overHttp,
    api_url: url,
    api_type: text,
    project: text,
    summary: anything,
    description: anything,
    labels: listOf(text),
    priority: text,
    issue_type: text,
    reopen_transition: text,
    resolve_transition: text,
    wont_fix_resolution: text,
    reopen_duration: duration,
    fields: anything,
    custom_fields: anything,
  },
  true,
  ({ place, ...written }, global) => {
    need(place, [written.project], 'missing project in jira_config');
    need(place, [written.issue_type], 'missing issue_type in jira_config');
    need(place, [written.api_url, global.jira_api_url], 'no global Jira Cloud URL set');
  },
);
