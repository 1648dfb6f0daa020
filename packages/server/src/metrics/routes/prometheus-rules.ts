import type { HttpApp } from '../../http/types.ts';
import { badParameter } from './prometheus-errors.ts';
import { sendSmall } from './prometheus-json.ts';
import { Params } from './prometheus-params.ts';
import { documented } from './route-docs.ts';

/**
 * Rules, alerts and where alerts go (PQ-10). Nothing evaluates rules yet, so there is none to list; parameters are judged as
 * they will be, so that a client's mistake shows today.
 */
export function registerRuleRoutes(app: HttpApp): void {
  app.route({
    method: 'GET',
    url: '/api/v1/rules',
    ...documented('Rule groups.', [
      ['type', 'alert or record'],
      ['rule_name[]', 'only these rules; repeatable'],
      ['rule_group[]', 'only these groups; repeatable'],
      ['file[]', 'only these files; repeatable'],
      ['match[]', 'only rules whose labels match; repeatable'],
      ['exclude_alerts', 'true leaves active alerts out'],
      ['group_limit', 'most groups of one page'],
      ['group_next_token', 'where the last page ended'],
    ]),
    handler: (request, reply) => {
      checkRuleParameters(new Params(request));
      return sendSmall(reply, { groups: [] });
    },
  });
  app.route({
    method: 'GET',
    url: '/api/v1/alerts',
    ...documented('Active alerts.', []),
    handler: (_request, reply) => sendSmall(reply, { alerts: [] }),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/alertmanagers',
    ...documented('Where alerts are sent.', []),
    handler: (_request, reply) => sendSmall(reply, { activeAlertmanagers: [], droppedAlertmanagers: [] }),
  });
}

function checkRuleParameters(params: Params): void {
  const type = params.text('type').toLowerCase();
  if (type !== '' && type !== 'alert' && type !== 'record')
    throw badParameter('type', `not supported value ${JSON.stringify(type)}`);
  params.matcherSets();
  params.flag('exclude_alerts', false);
  const limit = params.text('group_limit');
  const token = params.text('group_next_token');
  if (limit !== '' && !(/^\d{1,15}$/.test(limit) && Number(limit) > 0))
    throw badParameter('group_limit', 'group_limit needs to be a valid number greater than 0');
  if (token === '') return;
  if (limit === '')
    throw badParameter('group_limit', 'group_limit needs to be present in order to paginate over the groups');
  // Every token is one of an answer that had more groups, and there has been none.
  throw badParameter('group_next_token', `invalid group_next_token '${token}'. were rule groups changed?`);
}
